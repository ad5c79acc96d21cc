# reamo_library(NAME SOURCES a.cpp .. [LINKS lib ..] [TORCH] [TESTS a_test.cpp ..] [TEST_LINKS lib ..])
#
# One folder under src/ is one library `reamo_NAME` with one namespace. LINKS names our libraries by folder
# (`ie`) or external targets. TORCH: uses LibTorch, through one precompiled header shared by all. TESTS become
# the program `NAME_test`, each test case a ctest entry; tests are compiled with TESTDATA_DIR (testdata/ beside
# them) and REAMO_SHARED_DIR (reference cases and data beside the checkout, may be missing).
include(GoogleTest OPTIONAL)

add_library(reamo_warnings INTERFACE)
target_compile_options(reamo_warnings INTERFACE -Wall -Wextra -Wpedantic $<$<BOOL:${REAMO_WERROR}>:-Werror>)
if(REAMO_ASAN)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

file(CONFIGURE OUTPUT torch_pch.cpp CONTENT "// carries the precompiled LibTorch header\n")
add_library(reamo_torch_pch OBJECT ${CMAKE_CURRENT_BINARY_DIR}/torch_pch.cpp)
target_link_libraries(reamo_torch_pch PUBLIC reamo_torch)
target_link_libraries(reamo_torch_pch PRIVATE reamo_warnings)
target_precompile_headers(reamo_torch_pch PUBLIC <torch/torch.h>)

function(reamo_resolve out)
  set(result)
  foreach(lib ${ARGN})
    if(lib MATCHES "^(ie|signal|store|eval|media|nn|encoder|reasoner|grounder|synth|pipeline|train|convert|data|report|parity|benchmark)$")
      list(APPEND result reamo_${lib})
    else()
      list(APPEND result ${lib})
    endif()
  endforeach()
  set(${out} ${result} PARENT_SCOPE)
endfunction()

function(reamo_library name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LINKS;TESTS;TEST_LINKS" ${ARGN})
  reamo_resolve(links ${ARG_LINKS})
  add_library(reamo_${name} STATIC ${ARG_SOURCES})
  target_include_directories(reamo_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(reamo_${name} PUBLIC ${links} PRIVATE reamo_warnings)
  if(ARG_TORCH)
    target_link_libraries(reamo_${name} PUBLIC reamo_torch)
    target_precompile_headers(reamo_${name} REUSE_FROM reamo_torch_pch)
  endif()
  if(REAMO_TESTS AND ARG_TESTS AND NOT REAMO_TRAIN_ONLY)
    reamo_resolve(test_links ${ARG_TEST_LINKS})
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE reamo_${name} ${test_links} GTest::gmock GTest::gtest_main reamo_warnings)
    if(RAPIDCHECK_LIBRARY)
      target_include_directories(${name}_test SYSTEM PRIVATE ${RAPIDCHECK_INCLUDE_DIR})
      target_link_libraries(${name}_test PRIVATE ${RAPIDCHECK_LIBRARY})
    endif()
    target_compile_definitions(${name}_test PRIVATE
      TESTDATA_DIR="${CMAKE_CURRENT_SOURCE_DIR}/testdata"
      REAMO_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      REAMO_SHARED_DIR="${PROJECT_SOURCE_DIR}/../shared")
    if(ARG_TORCH)
      # Compiled like the libraries (-fPIC, not -fPIE): the precompiled header is refused otherwise.
      set_target_properties(${name}_test PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${name}_test PRIVATE -fPIC)
      target_precompile_headers(${name}_test REUSE_FROM reamo_torch_pch)
    endif()
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600)
  endif()
endfunction()
