# What every target of the project shares: warnings, sanitizers, the precompiled header.

add_library(skafu_options INTERFACE)
target_compile_options(skafu_options INTERFACE -Wall -Wextra -Wpedantic -pthread)
# GCC 12 reports these falsely inside the standard library and Boost at -O2.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(skafu_options INTERFACE
    -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
    -Wno-restrict -Wno-dangling-pointer -fpch-preprocess)
  if(CMAKE_BUILD_TYPE STREQUAL "Release" OR SKAFU_SANITIZE)
    # Many files in one object: GCC takes what they hold for the content of headers. And GCC 12
    # at -O2 takes Asio's recycling of coroutine frames for a mismatch of new and delete.
    target_compile_options(skafu_options INTERFACE
      -Wno-subobject-linkage -Wno-mismatched-new-delete)
  endif()
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # At a fixed address the tables of functions and types need no relocation at a start, so they
  # stay on disk until they are used.
  target_compile_options(skafu_options INTERFACE -fno-pie)
  target_link_options(skafu_options INTERFACE -no-pie)
endif()
if(SKAFU_WERROR)
  target_compile_options(skafu_options INTERFACE -Werror)
endif()
# -O3 costs a third more compile time than -O2 and bought nothing that could be measured.
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(skafu_options INTERFACE -g1)
endif()
if(SKAFU_SANITIZE)
  target_compile_options(skafu_options INTERFACE
    -fsanitize=${SKAFU_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(skafu_options INTERFACE -fsanitize=${SKAFU_SANITIZE})
endif()
if(SKAFU_FUZZ)
  target_compile_options(skafu_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(skafu_options INTERFACE -fsanitize=address,undefined)
endif()
target_compile_definitions(skafu_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  SKAFU_VERSION="${PROJECT_VERSION}")

# Where speed is a feature the optimiser gets its time; the control planes and the tests are
# compiled faster instead. A precompiled header serves only targets of its own level.
set(SKAFU_HOT
  core server sqs dynamodb eventbridge stepfunctions apigateway jsonpath intrinsics jsonata vtl)
set(SKAFU_COLD_PCH skafu_core)
set(SKAFU_TEST_PCH skafu_core)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(SKAFU_COLD_PCH skafu_cold)
  set(SKAFU_TEST_PCH skafu_unoptimised)
endif()

# Many files make one object in builds that are optimised or sanitised: what the headers cost, five
# seconds, is paid once for all of them. So no name in an anonymous namespace may stand twice in a
# library. Libraries that are compiled from headers keep to themselves. CMake's own unity builds name
# files by their absolute paths, with which ccache could share nothing between checkouts.
set(SKAFU_UNITY_BATCH 24)
set(SKAFU_UNITY_BATCH_HOT 12)
function(skafu_unity target)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SKAFU_SANITIZE)
    return()
  endif()
  string(REGEX REPLACE "^skafu_" "" name ${target})
  set(most ${SKAFU_UNITY_BATCH})
  if(name IN_LIST SKAFU_HOT)
    set(most ${SKAFU_UNITY_BATCH_HOT})
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources EXCLUDE REGEX "/(asio|asio_ssl|beast|fmt)\\.cpp$")
  # As many batches as are needed, each of about the same size.
  list(LENGTH sources left)
  math(EXPR batches "(${left} + ${most} - 1) / ${most}")
  set(batch 0)
  while(left GREATER 0)
    math(EXPR size "(${left} + ${batches} - ${batch} - 1) / (${batches} - ${batch})")
    list(SUBLIST sources 0 ${size} some)
    if(size LESS left)
      list(SUBLIST sources ${size} -1 sources)
    endif()
    set(text "")
    foreach(source IN LISTS some)
      set_source_files_properties(${source} PROPERTIES HEADER_FILE_ONLY ON)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
      string(APPEND text "#include \"${source}\"\n")
    endforeach()
    skafu_unity_file(${target} ${batch} "${text}")
    math(EXPR left "${left} - ${size}")
    math(EXPR batch "${batch} + 1")
  endwhile()
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
endfunction()

function(skafu_unity_file target number text)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${target}_${number}.cpp)
  file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
  target_sources(${target} PRIVATE ${file})
endfunction()

# skafu_emulator(NAME DEPENDS lib... COLD file...): one static library from every .cpp of this
# folder. COLD names the files (without .cpp) of a hot library that run seldom: its control plane.
# An emulator depends on core and, where it says so, on expression languages: nothing else.
function(skafu_emulator name)
  cmake_parse_arguments(arg "" "" "DEPENDS;COLD" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  skafu_split(sources cold ${arg_COLD})
  add_library(skafu_${name} STATIC ${sources})
  skafu_unity(skafu_${name})
  skafu_cold_part(skafu_${name} cold "${cold}" ${arg_DEPENDS})
  target_link_libraries(skafu_${name} PUBLIC skafu_core PRIVATE ${arg_DEPENDS})
  if(name IN_LIST SKAFU_HOT)
    target_precompile_headers(skafu_${name} REUSE_FROM skafu_core)
  else()
    skafu_cold(skafu_${name})
  endif()
endfunction()

# skafu_split(FROM TO name...): moves the files of these names from one list to another. A name that
# no file has is an error.
function(skafu_split from to)
  set(found "")
  foreach(name IN LISTS ARGN)
    set(some ${${from}})
    list(FILTER some INCLUDE REGEX "/${name}\\.cpp$")
    if(NOT some)
      message(FATAL_ERROR "no file ${name}.cpp in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    list(APPEND found ${some})
  endforeach()
  set(rest ${${from}})
  if(found)
    list(REMOVE_ITEM rest ${found})
  endif()
  set(${from} ${rest} PARENT_SCOPE)
  set(${to} ${found} PARENT_SCOPE)
endfunction()

# skafu_cold_part(TARGET PART files lib...): compiles some files of a library for what runs seldom, as
# objects of their own, TARGET_PART.
function(skafu_cold_part target part files)
  if(NOT files)
    return()
  endif()
  add_library(${target}_${part} OBJECT ${files})
  skafu_unity(${target}_${part})
  target_link_libraries(${target}_${part} PUBLIC skafu_core PRIVATE ${ARGN})
  target_include_directories(${target}_${part} PRIVATE
    $<TARGET_PROPERTY:${target},INTERFACE_INCLUDE_DIRECTORIES>)
  skafu_cold(${target}_${part})
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${part}>)
endfunction()

# Compiles a target for what runs seldom.
function(skafu_cold target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${SKAFU_COLD_PCH})
endfunction()

# A library that does nothing but carry the precompiled header at another level.
function(skafu_pch name level)
  file(WRITE ${CMAKE_BINARY_DIR}/${name}.cpp "")
  add_library(${name} STATIC ${CMAKE_BINARY_DIR}/${name}.cpp)
  target_link_libraries(${name} PUBLIC skafu_core)
  target_compile_options(${name} PRIVATE ${level})
  target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/emulators/core/pch.h)
endfunction()
