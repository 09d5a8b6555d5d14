#pragma once

#include <cstdint>

#include "front.hpp"

namespace agentpool::tools {

/// Which store records of a pool to tell, and how.
struct records_wanted {
  core::store_cursor after;  ///< Not past the end of the log: that is a contract violation.
  std::uint64_t limit = 0;   ///< Of a page.
  bool stream = false;       ///< Go on with what comes, as server-sent events; else as JSON.
};

/// Answers with them.
void tell_records(front& at, const route_call& call, const actors::pool_handle& pool,
                  records_wanted what);

}  // namespace agentpool::tools
