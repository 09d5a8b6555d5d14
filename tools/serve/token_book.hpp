#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "caller.hpp"

namespace agentpool::tools {

/// A line of a file of tokens: who has it and what they may do. The token itself is nowhere.
struct token_line {
  std::string name;
  std::string sha256;  ///< Of the token, 64 hex digits.
  std::vector<caller_role> roles;
  std::vector<std::string> runs;  ///< Patterns; needed to act.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("name", self.name);
    visit("sha256", self.sha256);
    visit("roles", self.roles);
    visit("runs", self.runs);
  }
};

/// The lines of such a file, one JSON object each. The error names file and line.
[[nodiscard]] core::outcome<std::vector<token_line>> read_tokens(const std::string& path);

/// Keeps other processes from changing a file of tokens meanwhile: by a lock on a file beside it,
/// which stays there.
class tokens_lock {
 public:
  /// Waits for whoever has it.
  [[nodiscard]] static core::outcome<tokens_lock> take(const std::string& path);
  ~tokens_lock();
  tokens_lock(tokens_lock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}
  tokens_lock(const tokens_lock&) = delete;
  tokens_lock& operator=(const tokens_lock&) = delete;
  tokens_lock& operator=(tokens_lock&&) = delete;

 private:
  explicit tokens_lock(int file) : file_{file} {}
  int file_;
};

/// Writes the file anew; nobody else may read it. In place of the former one at once, or not. For
/// who has the lock.
[[nodiscard]] core::outcome<void> write_tokens(const std::string& path,
                                               const std::vector<token_line>& lines);

/// 32 random bytes as hex digits.
[[nodiscard]] core::outcome<std::string> make_token();

/// Who has which token. Safe to use from any thread.
class token_book {
 public:
  explicit token_book(std::string path) : path_{std::move(path)} {}

  /// Reads the file, also again; one with faults leaves what was read before. Callers whose token
  /// nobody has any more, or who may do something else with it now, are told (`caller::revoked`).
  [[nodiscard]] core::outcome<void> load();

  /// Who has that token; nothing when nobody does.
  [[nodiscard]] std::optional<caller> find(std::string_view token) const;

 private:
  const std::string path_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, caller, std::less<>> by_hash_;
};

}  // namespace agentpool::tools
