#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "agentpool/core/commands.hpp"

namespace agentpool::tools {

/// A run that wants into a pool.
struct seat_wanted {
  core::pool_member member;
  std::optional<std::string> token = {};         ///< Of a run that was joined before.
  std::optional<std::string> on_behalf_of = {};  ///< Whom the run works for, in its own words.
  std::optional<core::run_id> spawned_by = {};   ///< The run that started it.
};

/// What whoever joined a run is told. Who has the token may act as the run.
struct seat_told {
  core::store_cursor cursor;
  std::optional<std::string> token = {};
  bool resumed = false;  ///< It was the caller's before. Told in this process alone.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
    visit("token", self.token);
  }
};

/// Where requests of one caller go. Safe to use from any thread; nothing of it blocks, and each
/// answer is given once, as `actors::callback` says. Keep it until all are answered.
class pool_desk {
 public:
  virtual ~pool_desk() = default;

  /// Any request but a join. `wait` is for `read_inbox` and `read_wake` alone.
  virtual void submit(const core::pool_id& pool, core::command ask, std::chrono::milliseconds wait,
                      actors::callback<core::answer> then) = 0;
  virtual void join(const core::pool_id& pool, seat_wanted wanted,
                    actors::callback<seat_told> then) = 0;
  virtual void list_pools(actors::callback<std::vector<core::pool_id>> then) = 0;

  /// As `actors::engine` has them.
  virtual void put_content(std::string bytes, actors::callback<core::content_ref> then) = 0;
  virtual void get_content(core::content_ref name,
                           actors::callback<std::optional<std::string>> then) = 0;

  /// The pool, for reading its events, records and journal. The error: the caller may not.
  [[nodiscard]] virtual core::outcome<actors::pool_handle> reading(const core::pool_id& pool) = 0;
};

/// The pools themselves, for whoever owns the process.
class owner_desk : public pool_desk {
 public:
  /// With `program` the pools are at nodes: joining answers the run's token, and takes one.
  explicit owner_desk(actors::engine& engine, actors::remote::client* program = nullptr)
      : engine_{engine}, program_{program} {}

  void submit(const core::pool_id& pool, core::command ask, std::chrono::milliseconds wait,
              actors::callback<core::answer> then) override;
  void join(const core::pool_id& pool, seat_wanted wanted,
            actors::callback<seat_told> then) override;
  void list_pools(actors::callback<std::vector<core::pool_id>> then) override;
  void put_content(std::string bytes, actors::callback<core::content_ref> then) override;
  void get_content(core::content_ref name,
                   actors::callback<std::optional<std::string>> then) override;
  [[nodiscard]] core::outcome<actors::pool_handle> reading(const core::pool_id& pool) override;

 private:
  actors::engine& engine_;
  actors::remote::client* program_;
};

}  // namespace agentpool::tools
