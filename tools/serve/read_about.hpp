#pragma once

#include "route_about.hpp"

/// What the addresses for reading pools take and give.
namespace agentpool::tools::about {

[[nodiscard]] route_about pools();
[[nodiscard]] route_about pool();
[[nodiscard]] route_about members();
[[nodiscard]] route_about member();
[[nodiscard]] route_about inbox();
[[nodiscard]] route_about message();
[[nodiscard]] route_about wake();
[[nodiscard]] route_about events();
[[nodiscard]] route_about records();
[[nodiscard]] route_about journal();
[[nodiscard]] route_about state();
[[nodiscard]] route_about why();

}  // namespace agentpool::tools::about
