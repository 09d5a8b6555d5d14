# Installs the build into an empty folder, then builds and runs tests/consumer/ against that copy,
# once by find_package and once by pkg-config.
# cmake -D build= -D source= -D scratch= -D compiler= -D libdir= -P this

function(must)
  execute_process(COMMAND ${ARGV}
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# In a folder of its own: the program makes a file, and a second life would find it.
function(must_run program)
  file(REMOVE_RECURSE ${scratch}/life)
  file(MAKE_DIRECTORY ${scratch}/life)
  must(${CMAKE_COMMAND} -E chdir ${scratch}/life ${program})
  if(NOT output STREQUAL "one message sent and received\n")
    message(FATAL_ERROR "${program} said: ${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch})
must(${CMAKE_COMMAND} --install ${build} --prefix ${scratch}/first)
# Moved away from where it was installed: nothing in it may hold an absolute path.
file(RENAME ${scratch}/first ${scratch}/installed)

file(COPY ${source}/main.cpp ${source}/CMakeLists.txt DESTINATION ${scratch}/consumer)
must(${CMAKE_COMMAND} -G Ninja -S ${scratch}/consumer -B ${scratch}/consumer/build
  -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_PREFIX_PATH=${scratch}/installed)
must(${CMAKE_COMMAND} --build ${scratch}/consumer/build)
must_run(${scratch}/consumer/build/consumer)

find_program(pkg_config NAMES pkg-config pkgconf REQUIRED)
set(ENV{PKG_CONFIG_PATH} ${scratch}/installed/${libdir}/pkgconfig)
must(${pkg_config} --cflags --libs agentpool)
separate_arguments(flags UNIX_COMMAND "${output}")
must(${compiler} -std=c++20 ${scratch}/consumer/main.cpp -o ${scratch}/by_pkg_config ${flags})
must_run(${scratch}/by_pkg_config)

if(EXISTS ${build}/agentpool)
  must(${scratch}/installed/bin/agentpool --version)
endif()
