# Runs an example in an empty folder and compares its standard output with the expected text.
# cmake -D program= [-D argument=] -D expected= -D scratch= -P this. One that prints "test skipped:
# why" is skipped.

file(REMOVE_RECURSE ${scratch})
file(MAKE_DIRECTORY ${scratch})
execute_process(COMMAND ${program} ${argument} WORKING_DIRECTORY ${scratch}
  OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${program} ended with ${status}\n${printed}${complaint}")
endif()
if(printed MATCHES "^test skipped: ")
  message("${printed}")
  return()
endif()
file(READ ${expected} wanted)
if(NOT printed STREQUAL wanted)
  message(FATAL_ERROR "expected:\n${wanted}\nprinted:\n${printed}\n${complaint}")
endif()
