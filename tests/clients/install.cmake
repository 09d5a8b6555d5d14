# Installs the clients in the build folder, beside copies of the scripts that they are tested with.
# cmake -D source= -D folder= -P this. Where that is impossible, folder/skipped.txt says why.
#
# Nothing is installed again while package-lock.json is the same, and no package runs a script.

file(MAKE_DIRECTORY ${folder})
file(REMOVE ${folder}/skipped.txt)
file(GLOB scripts ${source}/*.mjs ${source}/../../examples/*.mjs)
file(COPY ${scripts} ${source}/support ${source}/conformance DESTINATION ${folder})

function(skip why)
  file(WRITE ${folder}/skipped.txt "${why}")
  message("test skipped: ${why}")
endfunction()

find_program(npm npm)
if(NOT npm)
  skip("there is no npm")
  return()
endif()

file(SHA256 ${source}/package-lock.json wanted)
set(installed "")
if(EXISTS ${folder}/installed.txt)
  file(READ ${folder}/installed.txt installed)
endif()
if(installed STREQUAL wanted)
  return()
endif()

file(REMOVE ${folder}/installed.txt)
file(COPY ${source}/package.json ${source}/package-lock.json DESTINATION ${folder})
execute_process(COMMAND ${npm} ci --ignore-scripts --prefer-offline --no-audit --no-fund
    --loglevel=error --fetch-retries=1 --fetch-timeout=60000
  WORKING_DIRECTORY ${folder}
  OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(status EQUAL 0)
  file(WRITE ${folder}/installed.txt ${wanted})
  return()
endif()
if(complaint MATCHES "E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NETUNREACH|HOSTUNREACH)")
  skip("npm reaches no network (${CMAKE_MATCH_0})")
  return()
endif()
message(FATAL_ERROR "npm ci ended with ${status}\n${printed}${complaint}")
