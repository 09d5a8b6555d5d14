# Finds the core of prometheus-cpp: the registry and the text serializer, not its HTTP server. Its
# own CMake package wants the libraries of that server and of its client as well. Makes
# Prometheus::core.
include(FindPackageHandleStandardArgs)

find_path(PROMETHEUS_CORE_INCLUDE_DIR prometheus/registry.h)
find_library(PROMETHEUS_CORE_LIBRARY prometheus-cpp-core)
mark_as_advanced(PROMETHEUS_CORE_INCLUDE_DIR PROMETHEUS_CORE_LIBRARY)
find_package_handle_standard_args(PrometheusCore
  REQUIRED_VARS PROMETHEUS_CORE_INCLUDE_DIR PROMETHEUS_CORE_LIBRARY)

if(PrometheusCore_FOUND AND NOT TARGET Prometheus::core)
  add_library(Prometheus::core UNKNOWN IMPORTED)
  set_target_properties(Prometheus::core PROPERTIES
    IMPORTED_LOCATION ${PROMETHEUS_CORE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${PROMETHEUS_CORE_INCLUDE_DIR})
endif()
