#pragma once

namespace spdlog {
class logger;
}

namespace agentpool::actors::remote {

/// The logger named "agentpool": the program's own of that name, else warnings to standard error.
[[nodiscard]] spdlog::logger& remote_log();

}  // namespace agentpool::actors::remote
