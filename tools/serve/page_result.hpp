#pragma once

#include <string>
#include <string_view>

#include "agentpool/core/json_tree.hpp"

namespace agentpool::tools {

/// A page as JSON: the object `of`, which says `next` when it is not empty: what `after` is for the
/// page behind this one.
[[nodiscard]] inline std::string page_result(std::string of, std::string_view next) {
  if (next.empty()) return of;
  of.pop_back();
  of += ",\"next\":";
  core::write_json_string(of, next);
  return of + '}';
}

}  // namespace agentpool::tools
