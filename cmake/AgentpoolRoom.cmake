# A room is a folder, a namespace and a target: <name>/*.cpp becomes agentpool_<name>, alias
# agentpool::<name>, with its public headers in include/agentpool/<name>/. A room inside a room
# (actors/remote) has the target agentpool_actors_remote and is no part of the outer one.

# agentpool_room_target(<name> <variable>): "actors/remote" gives "agentpool_actors_remote".
function(agentpool_room_target name variable)
  string(REPLACE "/" "_" suffix ${name})
  set(${variable} agentpool_${suffix} PARENT_SCOPE)
endfunction()

# agentpool_room_sources(<name> <variable>): its .cpp files, those of inner rooms left out.
function(agentpool_room_sources name variable)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  if(name STREQUAL "actors")
    list(FILTER sources EXCLUDE REGEX "/actors/remote/")
  endif()
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# agentpool_link(<target> <scope> <rooms> <links>): links those rooms that exist already.
function(agentpool_link target scope rooms links)
  foreach(room IN LISTS rooms)
    agentpool_room_target(${room} dependency)
    if(TARGET ${dependency})
      target_link_libraries(${target} ${scope} ${dependency})
    endif()
  endforeach()
  foreach(link IN LISTS links)
    if(link MATCHES "^(PUBLIC|PRIVATE)$")
      if(NOT scope STREQUAL "INTERFACE")
        set(scope ${link})
      endif()
    else()
      target_link_libraries(${target} ${scope} ${link})
    endif()
  endforeach()
endfunction()

# agentpool_room(<name> [DEPENDS room…] [LINKS [PUBLIC|PRIVATE] library…] [PRECOMPILE header])
# A room with headers alone is an INTERFACE target; one with neither is left out.
function(agentpool_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "PRECOMPILE" "DEPENDS;LINKS")
  agentpool_room_target(${name} target)
  agentpool_room_sources(${name} sources)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS
       ${PROJECT_SOURCE_DIR}/include/agentpool/${name}/*.hpp)
  if(NOT sources AND NOT headers)
    return()
  endif()
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    agentpool_options(${target})
    if(room_PRECOMPILE)
      target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/${room_PRECOMPILE})
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  string(REPLACE "/" "_" export_name ${name})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${export_name})
  add_library(agentpool::${export_name} ALIAS ${target})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  agentpool_link(${target} ${scope} "${room_DEPENDS}" "${room_LINKS}")
  set_property(GLOBAL APPEND PROPERTY AGENTPOOL_ROOMS ${name})
endfunction()

# agentpool_allocator(<program>): the program allocates by jemalloc where it is installed; the rooms
# leave that to whoever links them (docs/decisions/0008). Sanitizers bring an allocator of their own.
function(agentpool_allocator program)
  if(NOT TARGET ${program} OR AGENTPOOL_SANITIZE)
    return()
  endif()
  find_library(AGENTPOOL_JEMALLOC jemalloc)
  if(AGENTPOOL_JEMALLOC)
    target_link_libraries(${program} PRIVATE ${AGENTPOOL_JEMALLOC})
  endif()
endfunction()

# agentpool_program(<room> …): <room>/main.cpp becomes the program `agentpool` at the top of the
# build folder; the room's other files become a library, so that tests can reach them.
function(agentpool_program name)
  cmake_parse_arguments(PARSE_ARGV 1 room "" "" "DEPENDS;LINKS")
  agentpool_room_sources(${name} sources)
  set(main ${PROJECT_SOURCE_DIR}/${name}/main.cpp)
  list(REMOVE_ITEM sources ${main})
  set(parts ${room_DEPENDS})
  if(sources)
    add_library(agentpool_${name} STATIC ${sources})
    target_include_directories(agentpool_${name}
      PRIVATE ${PROJECT_SOURCE_DIR}
      PUBLIC ${PROJECT_SOURCE_DIR}/include)
    target_compile_definitions(agentpool_${name} PRIVATE
      AGENTPOOL_VERSION="${PROJECT_VERSION}")
    agentpool_options(agentpool_${name})
    agentpool_link(agentpool_${name} PUBLIC "${room_DEPENDS}" "${room_LINKS}")
    list(PREPEND parts ${name})
  endif()
  if(EXISTS ${main})
    add_executable(agentpool ${main})
    set_target_properties(agentpool PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    target_include_directories(agentpool PRIVATE
      ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
    target_compile_definitions(agentpool PRIVATE AGENTPOOL_VERSION="${PROJECT_VERSION}")
    agentpool_options(agentpool)
    agentpool_link(agentpool PRIVATE "${parts}" "${room_LINKS}")
  endif()
endfunction()
