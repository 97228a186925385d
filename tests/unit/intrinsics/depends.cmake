list(APPEND libraries skafu_jsonpath)
