list(APPEND libraries skafu_server)
