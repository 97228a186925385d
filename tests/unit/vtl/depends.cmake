target_compile_definitions(unit_vtl PRIVATE SKAFU_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
