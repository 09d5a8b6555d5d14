# Two laws that need the compiler: each room links alone, and what must not compile does not.

# agentpool_link_alone(): for each room of rooms.txt a program out of the room's whole archive and
# those rooms and libraries alone that the table gives it. It is built with everything else; a room
# that reaches further has an undefined symbol.
function(agentpool_link_alone table)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  file(STRINGS ${table} lines REGEX "^(room|  ours|  links) ")
  foreach(line IN LISTS lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(POP_FRONT words verb)
    if(verb STREQUAL "room")
      set(room ${words})
      set(ours "")
    elseif(verb STREQUAL "ours")
      set(ours ${words})
    else()
      agentpool_link_one_alone(${room} "${ours}" "${words}")
    endif()
  endforeach()
endfunction()

function(agentpool_link_one_alone room ours links)
  agentpool_room_target(${room} target)
  if(NOT TARGET ${target})
    return()
  endif()
  get_target_property(kind ${target} TYPE)
  if(NOT kind STREQUAL "STATIC_LIBRARY")
    return()
  endif()
  string(REPLACE "/" "_" suffix ${room})
  set(alone link_alone_${suffix})
  add_executable(${alone} ${PROJECT_SOURCE_DIR}/tests/laws/nothing.cxx)
  agentpool_options(${alone})
  target_link_options(${alone} PRIVATE -Wl,--no-as-needed)
  # Archives by path: a target would bring what its own CMake line says, and that is to be judged.
  target_link_libraries(${alone} PRIVATE
    -Wl,--whole-archive $<TARGET_FILE:${target}> -Wl,--no-whole-archive)
  add_dependencies(${alone} ${target})
  list(REVERSE ours)
  foreach(other IN LISTS ours)
    string(REGEX REPLACE "^stores/.*" "stores" other ${other})
    agentpool_room_target(${other} needed)
    if(TARGET ${needed} AND NOT other STREQUAL room)
      add_dependencies(${alone} ${needed})
      get_target_property(kind ${needed} TYPE)
      if(kind STREQUAL "STATIC_LIBRARY")
        target_link_libraries(${alone} PRIVATE $<TARGET_FILE:${needed}>)
      endif()
    endif()
  endforeach()
  target_link_libraries(${alone} PRIVATE ${links})
  add_test(NAME "laws: the room ${room} links alone" COMMAND ${alone})
  set_tests_properties("laws: the room ${room} links alone" PROPERTIES LABELS laws)
endfunction()

# agentpool_must_not_compile(<file>): the file names the error it expects in a line
# "// expect: REGEX" and a header it needs in "// needs: include/…". With MUST_COMPILE defined it is
# the control and has to compile: otherwise it would fail for any reason at all.
function(agentpool_must_not_compile source)
  get_filename_component(name ${source} NAME_WE)
  string(REPLACE "_" " " sentence ${name})
  add_test(NAME "laws: ${sentence} does not compile" COMMAND ${CMAKE_COMMAND}
    -D compiler=${CMAKE_CXX_COMPILER} -D source=${source} -D top=${PROJECT_SOURCE_DIR}
    -P ${PROJECT_SOURCE_DIR}/cmake/must_not_compile.cmake)
  set_tests_properties("laws: ${sentence} does not compile" PROPERTIES LABELS laws
    SKIP_REGULAR_EXPRESSION "test skipped: ")
endfunction()
