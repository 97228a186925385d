list(APPEND libraries skafu_sqs)
