#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::tools {

/// How a store is named on the command line, for help texts.
inline constexpr const char* store_forms = "memory, sqlite:PATH, postgres:CONNINFO";

/// What a store is opened for.
enum class store_use { read_write, read_only, alone };

/// Opens the store that a command line names. `clock` must outlive it. The error is one line for
/// the person at the terminal.
[[nodiscard]] core::outcome<std::unique_ptr<core::store_backend>> open_store(
    const std::string& name, const core::clock& clock, store_use use);

/// The file of "sqlite:PATH"; empty for other stores.
[[nodiscard]] std::string store_file(const std::string& name);

/// The connection string of "postgres:CONNINFO", which may be empty, or of a URL, as
/// "postgresql://HOST/DATABASE"; nothing for other stores.
[[nodiscard]] std::optional<std::string> store_conninfo(const std::string& name);

}  // namespace agentpool::tools
