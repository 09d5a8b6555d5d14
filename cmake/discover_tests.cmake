# Asks a Catch2 binary (2.x or 3.x) for its cases and writes a ctest file that runs each alone.
# cmake -D program= -D prefix= -D list_file= -D environment_file= -D catch_version= -P this

if(catch_version VERSION_LESS 3)
  set(question --list-test-names-only) # answers with the number of cases as exit code
else()
  set(question --list-tests --verbosity quiet)
endif()
execute_process(COMMAND ${program} ${question}
  OUTPUT_VARIABLE names ERROR_VARIABLE complaint RESULT_VARIABLE status)
if(NOT complaint STREQUAL "" OR NOT status MATCHES "^[0-9]+$")
  message(FATAL_ERROR "${program} cannot list its cases (${status}):\n${complaint}")
endif()

# No CMake list here: a list would split a name at a semicolon and join it at a bracket.
set(script "include([==[${environment_file}]==])\n")
while(NOT names STREQUAL "")
  string(FIND "${names}" "\n" end)
  if(end EQUAL -1)
    string(LENGTH "${names}" end)
  endif()
  string(SUBSTRING "${names}" 0 ${end} name)
  math(EXPR after "${end} + 1")
  string(LENGTH "${names}" length)
  if(after GREATER_EQUAL length)
    set(names "")
  else()
    string(SUBSTRING "${names}" ${after} -1 names)
  endif()
  string(STRIP "${name}" name)
  if(name STREQUAL "")
    continue()
  endif()
  string(REGEX REPLACE "([][\\,\"])" "\\\\\\1" filter "${name}")
  string(APPEND script
    "add_test([==[${prefix}: ${name}]==] [==[${program}]==] [==[${filter}]==])\n"
    "set_tests_properties([==[${prefix}: ${name}]==] PROPERTIES LABELS [==[${prefix}]==]\n"
    "  ENVIRONMENT \"\${environment}\" TIMEOUT \${seconds}\n"
    "  SKIP_REGULAR_EXPRESSION \"test skipped: \")\n")
endwhile()
file(WRITE ${list_file} "${script}")
