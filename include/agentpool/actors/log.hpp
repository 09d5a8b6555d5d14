#pragma once

#include <string>

#include "agentpool/core/error.hpp"

namespace spdlog {
class logger;
}

/// What the engine logs.
namespace agentpool::actors {

/// The logger named "agentpool": the program's own of that name, else warnings to standard error.
[[nodiscard]] spdlog::logger& logger();

/// An error as it may be logged: its message may name identifiers, so it stays out.
[[nodiscard]] std::string brief(const core::agent_error& error);

}  // namespace agentpool::actors
