#pragma once

#include <fstream>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// Writes the file anew; nothing without a path.
[[nodiscard]] inline core::outcome<void> write_file(const std::string& path,
                                                    const std::string& text) {
  if (path.empty()) return {};
  std::ofstream file{path, std::ios::trunc};
  file << text << std::flush;
  if (!file) return core::store_unavailable("cannot write " + path);
  return {};
}

}  // namespace agentpool::tools
