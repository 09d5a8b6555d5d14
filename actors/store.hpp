#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <memory>
#include <vector>

#include "actors/content_batch.hpp"
#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/timers.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/messages/protocol.hpp"

namespace agentpool::actors {

/// The store actor's state: the backend, and the appends gathered for the next transaction.
class store_desk {
 public:
  static inline const char* name = "store";
  using pointer = messages::store_actor::pointer;

  explicit store_desk(pointer self) : self_{self} {}

  void start(std::unique_ptr<core::store_backend> backend, const engine_limits& limits);

  void on_append(messages::append_records ask);
  void on_flush();
  void on_keep(const messages::keep_checkpoint& ask);
  void on_drop(const messages::drop_old& ask);
  void on_read(const messages::read_log& ask);
  void on_watch(const messages::watch_changes& ask);
  void on_ignore(const messages::ignore_changes& ask);
  void on_timer(const messages::timer_due& due);
  void on_asked(const messages::store_asked& ask);
  void on_content(const messages::content_given& given);
  void on_flush_contents();
  void on_closing();

 private:
  /// Appends the oldest of those gathered, as many as one transaction may hold.
  void commit();
  void answer(const messages::append_records& ask, core::outcome<core::append_result> result);
  void count(const core::append_request& request);
  void keep_contents();
  void look_for_changes();

  pointer self_;
  std::unique_ptr<core::store_backend> backend_;
  engine_limits limits_;
  std::vector<messages::append_records> gathered_;
  bool flushing_ = false;
  content_batch contents_;
  std::map<core::pool_id, messages::appender> watchers_;
  /// The removal of old records that is under way.
  std::map<core::pool_id, std::shared_ptr<const core::drop_request>> dropping_;
  std::map<core::pool_id, std::uint64_t> broken_epochs_;  ///< The last that did not succeed.
  timer timer_;
  messages::store_tally tally_;
};

/// The store actor. Where the backend blocks, its worker stands still meanwhile.
messages::store_actor::behavior_type store(
    messages::store_actor::stateful_pointer<store_desk> self,
    const std::shared_ptr<std::unique_ptr<core::store_backend>>& backend,
    const engine_limits& limits);

}  // namespace agentpool::actors
