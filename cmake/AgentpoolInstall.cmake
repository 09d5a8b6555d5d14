# What `cmake --install` leaves: headers, archives, the program, and two ways to find them:
# find_package(agentpool), which brings FindCAF.cmake along, and pkg-config.
include(CMakePackageConfigHelpers)

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/agentpool)
get_property(rooms GLOBAL PROPERTY AGENTPOOL_ROOMS)
set(AGENTPOOL_PC_LIBRARIES "")
foreach(room IN LISTS rooms)
  agentpool_room_target(${room} target)
  install(TARGETS ${target} EXPORT agentpoolTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  # A linker reads from left to right: who needs stands before what it needs.
  get_target_property(kind ${target} TYPE)
  if(kind STREQUAL "STATIC_LIBRARY")
    string(PREPEND AGENTPOOL_PC_LIBRARIES "-l${target} ")
  endif()
endforeach()
if(TARGET agentpool)
  install(TARGETS agentpool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/agentpool
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(rooms)
  install(EXPORT agentpoolTargets NAMESPACE agentpool:: DESTINATION ${package_directory})
endif()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/agentpoolConfig.cmake.in
  ${PROJECT_BINARY_DIR}/agentpoolConfig.cmake INSTALL_DESTINATION ${package_directory})
# Before 1.0 a minor version may break what builds on it.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/agentpoolConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/agentpoolConfig.cmake
  ${PROJECT_BINARY_DIR}/agentpoolConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake
  DESTINATION ${package_directory})

# Relative to the file itself, so that an installed tree can be moved.
file(RELATIVE_PATH AGENTPOOL_PC_PREFIX
  /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${PROJECT_SOURCE_DIR}/cmake/agentpool.pc.in
  ${PROJECT_BINARY_DIR}/agentpool.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/agentpool.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
