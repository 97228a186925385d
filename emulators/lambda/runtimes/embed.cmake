# embed_runtimes(TARGET): makes runtime_sources.cpp from the runtimes' source files, so that the
# binary carries them.
function(embed_runtimes target)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/runtimes)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/runtime_sources.cpp)
  set(python ${folder}/skafu_python_runtime.py)
  set(node ${folder}/skafu_node_runtime.cjs)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${python} ${node})
  file(READ ${python} PYTHON_SOURCE)
  file(READ ${node} NODE_SOURCE)
  configure_file(${folder}/runtime_sources.cpp.in ${output} @ONLY)
  target_sources(${target} PRIVATE ${output})
endfunction()
