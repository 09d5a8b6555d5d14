# One test binary a room: tests/<room>/*.cpp becomes test_<room>, each of its cases a ctest test
# named "<room>: <the case's sentence>". A test that prints "test skipped: why" counts as skipped.

# What a test may ask for: the program, the sources, samples of the wire format when there are any.
set(AGENTPOOL_TEST_ENVIRONMENT
  AGENTPOOL_PROGRAM=${PROJECT_BINARY_DIR}/agentpool
  AGENTPOOL_SOURCE_DIR=${PROJECT_SOURCE_DIR}
  # halt_on_error, since suppressions are of no use with -fno-sanitize-recover.
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:suppressions=${PROJECT_SOURCE_DIR}/tests/ubsan_suppressions.txt
  LSAN_OPTIONS=print_suppressions=0:suppressions=${PROJECT_SOURCE_DIR}/tests/lsan_suppressions.txt
  ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1
  TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1)
if(DEFINED ENV{AGENTPOOL_WIRE_SAMPLES})
  list(APPEND AGENTPOOL_TEST_ENVIRONMENT AGENTPOOL_WIRE_SAMPLES=$ENV{AGENTPOOL_WIRE_SAMPLES})
endif()

# agentpool_tests(<room> [ROOMS room…] [LINKS library…] [SECONDS n] [PROGRAM])
# PROGRAM: the cases start build/agentpool, so it is built before. ROOMS are those under test;
# while one of them is missing, so are its tests.
function(agentpool_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 test "PROGRAM" "SECONDS" "ROOMS;LINKS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  foreach(room IN LISTS test_ROOMS)
    agentpool_room_target(${room} needed)
    if(NOT TARGET ${needed})
      message(STATUS "tests/${name} waits for the room ${room}")
      return()
    endif()
  endforeach()
  string(REPLACE "/" "_" suffix ${name})
  set(target test_${suffix})
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  agentpool_options(${target})
  # Tests are compiled far more often than they run: half the time without optimising them.
  target_compile_options(${target} PRIVATE -O0 -g1)
  agentpool_link(${target} PRIVATE "${test_ROOMS}" "${test_LINKS}")
  target_link_libraries(${target} PRIVATE test_support)
  list(LENGTH sources count)
  if(count GREATER 2)
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/catch.hpp)
  endif()
  if(test_PROGRAM AND TARGET agentpool)
    add_dependencies(${target} agentpool)
  endif()
  agentpool_discover(${target} ${name} "${test_SECONDS}")
endfunction()

# agentpool_discover(<target> <prefix> <seconds>): after each build the binary lists its cases.
function(agentpool_discover target prefix seconds)
  if(NOT seconds)
    set(seconds 300)
  endif()
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_cases.cmake)
  set(environment_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_environment.cmake)
  file(CONFIGURE OUTPUT ${environment_file} CONTENT
    "set(environment [==[@AGENTPOOL_TEST_ENVIRONMENT@]==])\nset(seconds @seconds@)\n" @ONLY)
  add_custom_command(TARGET ${target} POST_BUILD VERBATIM
    BYPRODUCTS ${list_file}
    COMMAND ${CMAKE_COMMAND} -D program=$<TARGET_FILE:${target}> -D prefix=${prefix}
      -D list_file=${list_file} -D environment_file=${environment_file}
      -D catch_version=${Catch2_VERSION} -P ${PROJECT_SOURCE_DIR}/cmake/discover_tests.cmake)
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake CONTENT
"if(EXISTS [==[@list_file@]==])
  include([==[@list_file@]==])
else()
  add_test([==[@prefix@: not built]==] @target@-not-built)
endif()
" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES
    ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
endfunction()
