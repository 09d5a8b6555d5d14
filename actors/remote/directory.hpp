#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/remote/surroundings.hpp"
#include "agentpool/actors/timers.hpp"

namespace agentpool::actors::remote {

/// The state of a node's directory: its own lease, the leases of others, and the pools that it has.
/// What it believes may be outdated at any moment; the store's expected sequences keep two nodes
/// that have one pool from harming it.
class directory_desk {
 public:
  static inline const char* name = "directory";
  using pointer = messages::directory_actor::pointer;

  explicit directory_desk(pointer self) : self_{self} {}

  /// `ready` is called once the node's lease is written, or could not be.
  void start(std::shared_ptr<surroundings> around, std::function<void(core::outcome<bool>)> ready);
  void on_asked(const std::shared_ptr<messages::place_call>& call);
  void on_view(const messages::view_asked& ask) const;
  void on_timer(const messages::timer_due& due);
  void on_closing();

 private:
  using call_ptr = std::shared_ptr<messages::place_call>;
  using rows = std::vector<core::registry_row>;

  struct held_pool {
    messages::attendance_actor attendance;
    std::shared_ptr<pool_account> account;
    std::uint64_t epoch = 0;
    std::uint64_t version = 0;
    std::optional<tick> idle_since;
  };

  // directory.cpp: the node's lease
  void renew();
  void read_nodes(const std::shared_ptr<rows>& before);
  void on_nodes(const core::outcome<rows>& nodes);
  void write_own(std::uint64_t version);
  void on_written(core::instant expires,
                  const core::outcome<std::vector<core::registry_written>>& what);
  void renew_later(std::chrono::milliseconds after);
  void check_held();
  void give_back_idle();
  void drop(const core::pool_id& pool);
  void on_down(const caf::down_msg& down);

  // directory_places.cpp: pools
  void look_up(const core::pool_id& pool, std::uint32_t tries);
  void on_row(const core::pool_id& pool, std::uint32_t tries, const core::outcome<rows>& row);
  void place(const core::pool_id& pool, std::uint32_t tries, const core::pool_lease& before,
             std::uint64_t version);
  void take(const core::pool_id& pool, std::uint32_t tries, const core::pool_lease& before,
            std::uint64_t version);
  [[nodiscard]] std::optional<core::node_lease> seen(const core::registry_row& row);
  void answer_all(const core::pool_id& pool, const core::outcome<messages::whereabouts>& where);
  [[nodiscard]] std::uint32_t most_hops(const core::pool_id& pool) const;

  [[nodiscard]] messages::directory_actor me() const { return messages::directory_actor{self_}; }
  [[nodiscard]] core::instant now() const { return around_->clock->now(); }

  pointer self_;
  std::shared_ptr<surroundings> around_;
  std::function<void(core::outcome<bool>)> ready_;
  std::uint64_t version_ = 0;  ///< Of the node's row; 0: not written yet.
  core::instant expires_{};    ///< When the node's lease does.
  std::map<core::pool_id, held_pool> held_;
  std::map<core::pool_id, std::vector<call_ptr>> looking_;
  std::string checked_;  ///< Up to where it was looked whether held pools are still ours.
  bool closing_ = false;
  timer timer_;
};

/// The directory of a node.
messages::directory_actor::behavior_type directory(
    messages::directory_actor::stateful_pointer<directory_desk> self,
    std::shared_ptr<surroundings> around, std::function<void(core::outcome<bool>)> ready);

}  // namespace agentpool::actors::remote
