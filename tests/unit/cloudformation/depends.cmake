target_compile_definitions(unit_cloudformation PRIVATE SKAFU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
