#pragma once

#include <memory>

namespace spdlog {
class logger;
}

namespace agentpool::actors {

/// The logger named "agentpool": the program's own of that name, else warnings to standard error.
[[nodiscard]] spdlog::logger& logger();

}  // namespace agentpool::actors
