# Runs one script of the build folder under the Node that was installed there, or under the system's
# where that is new enough. cmake -D folder= -D script= -D program= -P this.

if(EXISTS ${folder}/skipped.txt)
  file(READ ${folder}/skipped.txt why)
  message("test skipped: ${why}")
  return()
endif()

# The Inspector and the conformance suite ask for Node 22.19.
file(GLOB node ${folder}/node_modules/node-*/bin/node)
if(NOT node)
  find_program(node_here node)
  set(node ${node_here})
endif()
set(version "")
if(node)
  execute_process(COMMAND ${node} --version OUTPUT_VARIABLE version)
endif()
if(NOT version MATCHES "^v([0-9.]+)" OR CMAKE_MATCH_1 VERSION_LESS 22.19)
  message("test skipped: there is no Node 22 for this machine")
  return()
endif()

set(ENV{AGENTPOOL_PROGRAM} ${program})
set(ENV{AGENTPOOL_ANSWERER} ${answerer})
execute_process(COMMAND ${node} --test-reporter=spec ${script} WORKING_DIRECTORY ${folder}
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${script} ended with ${status}")
endif()
