#pragma once

#include "front.hpp"

namespace agentpool::tools {

/// The page, at "/", and what it loads, each file under its own name. They hold nothing of a pool
/// and are open to whoever comes: what the page shows, it reads with its user's token.
[[nodiscard]] std::vector<route> page_routes();

}  // namespace agentpool::tools
