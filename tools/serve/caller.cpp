#include "caller.hpp"

#include <algorithm>
#include <utility>

namespace agentpool::tools {

bool caller::may(caller_role role) const {
  if (role == caller_role::observe) return !roles.empty();
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool caller::may_join(const core::run_id& run) const {
  return may(caller_role::act) &&
         std::any_of(runs.begin(), runs.end(), [&](const std::string& pattern) {
           return matches_pattern(pattern, run.text());
         });
}

caller unrestricted_caller(std::string name, bool proven) {
  return {std::move(name),
          proven,
          {caller_role::observe, caller_role::act, caller_role::administer},
          {"*"}};
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  std::size_t in_pattern = 0;
  std::size_t in_text = 0;
  std::size_t star = std::string_view::npos;
  std::size_t from = 0;
  while (in_text < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      from = in_text;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[in_text]) {
      ++in_pattern;
      ++in_text;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      in_text = ++from;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

}  // namespace agentpool::tools
