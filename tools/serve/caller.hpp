#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/enum_text.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/record.hpp"
#include "ending.hpp"

namespace agentpool::tools {

/// What a caller may do. Whoever may do more may observe, too.
enum class caller_role : std::uint8_t {
  observe,     ///< Read pools, their events and journals; no inbox.
  act,         ///< Join runs, and act as those that it joined.
  administer,  ///< Open pools, record statuses, take runs out and cancel for others.
};

/// Who asks.
struct caller {
  std::string name;  ///< As messages tell it; "anonymous" where nobody has to say who they are.
  /// Known by a bearer token, or as the owner of this process: then acting as a run that was
  /// joined under the same name needs no session token.
  bool proven = false;
  std::vector<caller_role> roles = {};
  std::vector<std::string> runs = {};  ///< Patterns of the runs it may join; * is any text.
  /// As an administrator it takes runs out and cancels for others: only whom a file of tokens
  /// names does, so that nobody does it by mistake.
  bool overrides = false;
  std::shared_ptr<ending> revoked = {};  ///< Begins once this is true no more; null: it stays so.

  [[nodiscard]] bool may(caller_role role) const;
  [[nodiscard]] bool may_join(const core::run_id& run) const;
};

/// Whoever has the process, or reaches its loopback port where nobody has to say who they are.
[[nodiscard]] caller unrestricted_caller(std::string name, bool proven);

/// Whether the text is as the pattern says, in which * stands for any text.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace agentpool::tools

template <>
struct agentpool::core::enum_text<agentpool::tools::caller_role> {
  static constexpr std::string_view type = "CallerRole";
  static constexpr std::array<std::string_view, 3> values{"observe", "act", "administer"};
};
