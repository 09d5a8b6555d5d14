# Compiles a snippet twice: the control must pass, the snippet must fail with the text it expects.
# cmake -D compiler= -D source= -D top= -P this

file(STRINGS ${source} expected REGEX "^// expect: ")
file(STRINGS ${source} needed REGEX "^// needs: ")
if(NOT expected)
  message(FATAL_ERROR "${source} has no line \"// expect: REGEX\"")
endif()
string(REPLACE "// expect: " "" expected "${expected}")
foreach(line IN LISTS needed)
  string(REPLACE "// needs: " "" header "${line}")
  if(NOT EXISTS ${top}/${header})
    message(NOTICE "test skipped: ${header} is not there yet")
    return()
  endif()
endforeach()

set(command ${compiler} -std=c++20 -fsyntax-only -I ${top}/include)
execute_process(COMMAND ${command} -D MUST_COMPILE ${source}
  ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the control does not compile:\n${complaint}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${command} ${source}
  ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(status EQUAL 0)
  message(FATAL_ERROR "${source} compiles")
endif()
if(NOT complaint MATCHES "${expected}")
  message(FATAL_ERROR "expected \"${expected}\" in:\n${complaint}")
endif()
