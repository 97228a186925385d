target_compile_definitions(unit_apigateway PRIVATE SKAFU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
list(APPEND libraries skafu_vtl skafu_jsonpath)
