// Tokens as an operator makes them, and clients show them.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "served.hpp"

namespace agentpool::tests {

/// `agentpool token add`; the token.
inline std::string add_token(const std::string& file, const std::string& name,
                             const std::vector<std::string>& more) {
  std::vector<std::string> all{"token", "add", "--file", file, "--name", name};
  all.insert(all.end(), more.begin(), more.end());
  auto ended = support::run_to_end({support::program().string(), all});
  if (ended.exit_code != 0) throw std::runtime_error{ended.errors};
  ended.output.pop_back();
  return ended.output;
}

inline fields bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

}  // namespace agentpool::tests
