#pragma once

#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What to do with a file of tokens.
struct token_request {
  std::string file;
  std::string name;
  std::vector<std::string> roles;
  std::vector<std::string> runs;
};

/// Makes a token, adds its hash to the file and writes the token to standard output, once and for
/// all: it is nowhere else. The error says why not; then the file is as it was.
[[nodiscard]] core::outcome<void> add_token(const token_request& request);
/// Takes the token of that name out of the file.
[[nodiscard]] core::outcome<void> revoke_token(const token_request& request);
/// Writes who has tokens to standard output.
[[nodiscard]] core::outcome<void> list_tokens(const token_request& request);

}  // namespace agentpool::tools
