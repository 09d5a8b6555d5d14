#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agentpool/actors/engine.hpp"

namespace agentpool::tools {

/// Who has a run, as it stands in the store's registry.
struct seat_row {
  core::pool_id pool_id;
  core::run_id run_id;
  std::optional<core::agent_id> agent_id;
  std::string token_sha256;
  std::string owner;
  bool owner_proven = false;
  std::optional<std::string> on_behalf_of;
  std::optional<core::run_id> spawned_by;
  std::uint64_t at_millis = 0;  ///< When it was written.
  /// By which join the run is the owner's (`core::membership`); none while that is under way.
  std::optional<std::uint64_t> joined;
  std::uint64_t sequence = 0;  ///< Of that join's record.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("agent_id", self.agent_id);
    visit("token_sha256", self.token_sha256);
    visit("owner", self.owner);
    visit("owner_proven", self.owner_proven);
    visit("on_behalf_of", self.on_behalf_of);
    visit("spawned_by", self.spawned_by);
    visit("at_millis", self.at_millis);
    visit("joined", self.joined);
    visit("sequence", self.sequence);
  }
};

/// A row and which writing of it that is; none: nobody has the run.
struct known_row {
  std::optional<seat_row> row;
  std::uint64_t version = 0;
};

/// The rows of seats, those read last kept at hand. Safe to use from any thread; does not block.
class seat_rows : public std::enable_shared_from_this<seat_rows> {
 public:
  explicit seat_rows(actors::engine& engine) : engine_{engine} {}

  /// The row of a run; unless `afresh` perhaps as it was a second ago.
  void read(const core::pool_id& pool, const core::run_id& run, bool afresh,
            actors::callback<known_row> then);

  /// Writes the row, or takes it away, if it is still that writing; gives the new one, or nothing
  /// where somebody else was first.
  void write(const core::pool_id& pool, const core::run_id& run, std::optional<seat_row> row,
             std::uint64_t version, actors::callback<std::optional<std::uint64_t>> then);

 private:
  struct remembered {
    known_row what;
    std::chrono::steady_clock::time_point until;
  };

  void remember(const std::string& key, known_row row);

  actors::engine& engine_;
  std::mutex mutex_;
  std::map<std::string, remembered> rows_;
};

}  // namespace agentpool::tools
