add_compile_definitions(SKAFU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
