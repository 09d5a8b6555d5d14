#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::tools {

/// Which entries of a pool's log are old: all but the latest so many, or those recorded before a
/// moment. With both, those that both say.
struct old_entries {
  std::optional<std::uint64_t> keep;
  std::optional<core::instant> before;
};

/// What shortening a pool's log came to.
struct shortened_log {
  core::pool_id pool_id;
  core::log_position begins;       ///< Where the log begins now.
  std::uint64_t removed = 0;       ///< Entries removed now.
  std::uint64_t still_needed = 0;  ///< Older records that something waits for.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("begins", self.begins);
    visit("removed", self.removed);
    visit("still_needed", self.still_needed);
  }
};

/// Where entries go that are removed from a log. `finish` makes durable what was added so far.
struct entry_archive {
  std::function<core::outcome<void>(const core::log_entry&)> add;
  std::function<core::outcome<void>()> finish;
};

/// Shortens the log of one pool of a store that nobody else uses. In this order, so that it can end
/// at any moment: what will go is added to the archive, if there is one (its error ends it with
/// nothing changed); the horizon moves; the entries go. What was interrupted after the horizon
/// moved is completed by the next call.
[[nodiscard]] core::outcome<shortened_log> shorten(core::store_backend& store,
                                                   const core::pool_id& pool,
                                                   const old_entries& old,
                                                   const entry_archive* archive);

/// An entry as a line of an archive: one JSON object, without a line end.
[[nodiscard]] std::string archive_line(const core::pool_id& pool, const core::log_entry& entry);

}  // namespace agentpool::tools
