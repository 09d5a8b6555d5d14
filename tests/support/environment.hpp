// What ctest tells a test about its surroundings.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace agentpool::support {

/// The built `agentpool` program (AGENTPOOL_PROGRAM). Throws when the test runs without it.
[[nodiscard]] std::filesystem::path program();

/// The project's top folder (AGENTPOOL_SOURCE_DIR). Throws when the test runs without it.
[[nodiscard]] std::filesystem::path source_directory();

/// The folder with samples of the wire format (AGENTPOOL_WIRE_SAMPLES); empty when there is none:
/// then call `skip` and return.
[[nodiscard]] std::optional<std::filesystem::path> wire_samples();

/// Tells ctest that the running test was skipped, and why. The caller returns afterwards.
void skip(const std::string& why);

/// The same for a part of the running test, which goes on: ctest is told at the end, and only when
/// nothing has failed, since it takes no failure from a test that skips.
void skip_part(const std::string& why);

}  // namespace agentpool::support
