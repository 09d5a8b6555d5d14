#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "actors/remote/surroundings.hpp"
#include "agentpool/actors/timers.hpp"

namespace agentpool::actors::remote {

/// What an attendance is made of.
struct attendance_setup {
  std::shared_ptr<surroundings> around;
  core::pool_id pool;
  std::shared_ptr<pool_account> account;
  messages::directory_actor directory;  ///< Without it nobody knows of the attendance.
};

/// The state of a pool's attendance. A seat is a row of the store's registry: who writes it has
/// it, so that two nodes never seat one run without one of them finding out. The secret itself is
/// kept by the program alone.
///
///     asked ──row written──► (joined) ──► seated ──channel gone──► detached ──grace──► leaving
///                                           ▲                         │                  │
///                                           └─────── asked again ─────┘      left, row removed
///
/// Leaving is final: whoever meets such a row, on whichever node, sees to its end.
class attendance_desk {
 public:
  static inline const char* name = "attendance";
  using pointer = messages::attendance_actor::pointer;

  explicit attendance_desk(pointer self) : self_{self} {}

  void start(attendance_setup setup);
  void on_channel_enters(const messages::channel_enters& entering);
  void on_channel_leaves(const messages::channel_leaves& leaving);
  void on_asked(const messages::seat_asked& asked);
  void on_given_up(const messages::seat_given_up& given_up);
  void on_timer(const messages::timer_due& due);
  void on_down(const caf::down_msg& down);
  void on_closing();

 private:
  /// A run with a row, or one that somebody asks for.
  struct seat {
    std::optional<core::run_seat> row;
    std::uint64_t version = 0;  ///< Of the row; 0: there is none.
    messages::seat_holder holder;
    std::optional<tick> due;  ///< When its time of grace is over.
    bool busy = false;        ///< Something of it is under way; what is asked meanwhile waits.
    bool reread = false;      ///< For what is under way.
    std::uint32_t tries = 0;  ///< That others' writing outdated.
    /// The version at which it was given another time of grace, since its node lives.
    std::uint64_t spared = 0;
    std::deque<messages::seat_asked> waiting;
  };
  using row_outcome = core::outcome<std::vector<core::registry_row>>;
  using written = std::function<void(core::outcome<core::registry_written>)>;
  using left_callback = std::function<void(const core::outcome<bool>&)>;

  // attendance.cpp: rows and their channels
  void load(const std::string& after);
  void look_later(std::chrono::milliseconds time, const std::string& after);
  void take_rows(const std::vector<core::registry_row>& rows);
  void take_row(seat& of, const core::registry_row& row);
  void vacate(const messages::seat_holder& channel);
  void detach(const core::run_id& run, seat& of, std::chrono::milliseconds grace);
  void hold(const core::run_id& run, seat& of, const messages::seat_holder& holder);
  void write(core::registry_write write, written then);
  void flush();
  void reread(const core::run_id& run, const std::function<void(core::outcome<bool>)>& then);
  void count() const;
  void arm();

  // attendance_seating.cpp: who may act as a run, and when it is gone
  void decide(const messages::seat_asked& asked);
  void check_member(const messages::seat_asked& asked, bool proven);
  void on_member_known(const messages::seat_asked& asked, bool proven,
                       const core::member_list& list);
  void end_leaving(const messages::seat_asked& asked);
  void claim(const messages::seat_asked& asked);
  void join(const messages::seat_asked& asked);
  void seated(const messages::seat_asked& asked, std::optional<core::run_joined> joined);
  void answer(const messages::seat_asked& asked, core::agent_error why);
  void refuse(const messages::seat_asked& asked, core::agent_error why);
  void deny(const messages::seat_asked& asked);
  void done_with(const core::run_id& run);
  void expire(const core::run_id& run);
  [[nodiscard]] std::chrono::milliseconds spare_for(seat& of);
  void mark_leaving(const core::run_id& run, const left_callback& then);
  void leave(const core::run_id& run, const left_callback& then);
  void remove_row(const core::run_id& run, const left_callback& then);
  void look_again(const core::run_id& run, const core::outcome<core::registry_written>& why,
                  const left_callback& then);
  void expire_later(const core::run_id& run, std::chrono::milliseconds after);

  [[nodiscard]] messages::attendance_actor me() const { return messages::attendance_actor{self_}; }
  [[nodiscard]] bool holds(const seat& of) const { return static_cast<bool>(of.holder); }

  pointer self_;
  attendance_setup setup_;
  std::string space_;
  std::optional<pool_handle> pool_;
  bool loaded_ = false;
  bool closing_ = false;
  std::unordered_map<core::run_id, seat> seats_;
  std::map<messages::seat_holder, std::unordered_set<core::run_id>> channels_;
  std::set<std::pair<tick, core::run_id>> dues_;
  std::deque<messages::seat_asked> early_;  ///< Asked before the rows were read.
  std::vector<std::pair<core::registry_write, written>> writes_;  ///< Of the next transaction.
  bool writing_ = false;
  std::unordered_map<core::run_id, tick> denied_;  ///< When that was an event last.
  timer timer_;
};

/// The attendance of one pool on this node.
messages::attendance_actor::behavior_type attendance(
    messages::attendance_actor::stateful_pointer<attendance_desk> self, attendance_setup setup);

/// Publishes that somebody wanted to act for `run` who it is not; the `number`-th time on this
/// node. Nothing when the run is no member.
void publish_denial(const pool_handle& pool, const core::run_id& run, core::instant now,
                    std::uint64_t number);

}  // namespace agentpool::actors::remote
