# What holds for every target of ours: language, warnings, sanitizers, ccache.

option(AGENTPOOL_BUILD_TESTS "Build the tests and the examples" ${PROJECT_IS_TOP_LEVEL})
option(AGENTPOOL_INSTALL "Make the install rules" ${PROJECT_IS_TOP_LEVEL})
option(AGENTPOOL_WARNINGS_AS_ERRORS "Let a warning in our code fail the build"
       ${PROJECT_IS_TOP_LEVEL})
option(AGENTPOOL_FUZZ "Build the fuzz targets (clang only)" OFF)
set(AGENTPOOL_SANITIZE "" CACHE STRING "Sanitizers for our code, as -fsanitize= takes them")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Kind of build" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# ccache refuses precompiled headers unless it is told that their macros and dates may differ. Paths
# below the project count as relative, so that two clones share what they compiled.
find_program(AGENTPOOL_CCACHE ccache)
if(AGENTPOOL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${AGENTPOOL_CCACHE})
endif()

# agentpool_options(<target>): our own code only; what comes from outside is included as SYSTEM.
function(agentpool_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Werror=switch
    -Wno-missing-field-initializers  # designated initializers leave out what has a default
    $<$<BOOL:${AGENTPOOL_WARNINGS_AS_ERRORS}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns of overlaps in std::string that are not there (GCC bug 105651), and its flow
    # analysis gives false alarms in instrumented code and, as that of g++ 14, where it inlines
    # deeply.
    # Its plain -Wshadow takes the names of a scoped enumeration for shadows.
    target_compile_options(${target} PRIVATE -fpch-preprocess -Wshadow=local -Wno-restrict)
    if(AGENTPOOL_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Release"
       OR CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-stringop-overflow
                             -Wno-array-bounds)
    endif()
  else()
    target_compile_options(${target} PRIVATE -Wshadow "SHELL:-Xclang -fno-pch-timestamp")
  endif()
  if(AGENTPOOL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${AGENTPOOL_SANITIZE}
      -fno-omit-frame-pointer)
    if(AGENTPOOL_SANITIZE MATCHES "thread")
      # Thread sanitizer knows no fences; Asio's own are no more than additional ones.
      target_compile_definitions(${target} PRIVATE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    endif()
    # PUBLIC: whoever links an instrumented archive needs the sanitizer's runtime.
    get_target_property(kind ${target} TYPE)
    if(NOT kind STREQUAL "OBJECT_LIBRARY")
      target_link_options(${target} PUBLIC $<BUILD_INTERFACE:-fsanitize=${AGENTPOOL_LINK_SANITIZE}>)
    endif()
  endif()
endfunction()

# Archives of a fuzz build carry coverage only; libFuzzer's main comes with each fuzz target.
string(REPLACE "fuzzer-no-link," "" AGENTPOOL_LINK_SANITIZE "${AGENTPOOL_SANITIZE}")
