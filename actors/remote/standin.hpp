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
#include <variant>
#include <vector>

#include "actors/remote/dialing.hpp"
#include "agentpool/actors/timers.hpp"
#include "agentpool/core/pool.hpp"

namespace agentpool::actors::remote {

/// The state of a pool's stand-in. What is asked of it is passed on to the node that has the pool,
/// and again when the connection was lost before the answer came; keys in the requests see to it
/// that nothing is done twice.
///
///     linking ──link──► opening ──channel──► seating ──all runs──► ready
///        ▲ ▲              │ elsewhere            │                   │
///        │ └──────────────┘                      │                   │
///        └──── resting ◄──── refused, lost ──────┴───────────────────┘
class standin_desk {
 public:
  static inline const char* name = "standin";
  using pointer = messages::standin_actor::pointer;

  explicit standin_desk(pointer self) : self_{self} {}

  void start(std::shared_ptr<dialing> around, core::pool_id pool, std::function<bool()> may_end);
  [[nodiscard]] standin_view view() const;

  // From the node. Each is told the channel that it came by.
  [[nodiscard]] bool takes(std::uint64_t channel);
  void on_opened(const messages::channel_peer& peer);
  void on_elsewhere(const std::string& endpoint);
  void on_closed(const core::agent_error& why);
  void on_seated(const messages::run_seated& seated);
  void on_told(messages::pool_told& told);
  void on_journal_told(messages::journal_told& told);
  void on_entries(messages::seats_handed& handed);
  void on_woken(const messages::seat_woken& woken);
  void on_seat_ended(const messages::seat_ended& ended);

  // From this process.
  void on_link_up(const messages::link_up& up);
  void on_link_down(const messages::link_down& down);
  void on_asked(const std::shared_ptr<messages::pool_call>& call);
  void on_journal_asked(const std::shared_ptr<messages::journal_call>& call);
  void on_close_stream(std::uint64_t stream);
  void on_run_ready(const messages::run_ready& ready);
  void on_run_gone(const core::run_id& run);
  void on_timer(const messages::timer_due& due);
  void end_unused();
  void on_closing();

 private:
  using pool_call_ptr = std::shared_ptr<messages::pool_call>;
  using journal_call_ptr = std::shared_ptr<messages::journal_call>;

  using phase = pool_state;

  /// Proves that the channel may act as a run; asked by the stand-in itself.
  struct seat_wanted {
    core::run_id run;
  };
  /// Looks whether a wake has become final meanwhile; asked by the stand-in itself.
  struct wake_looked {
    core::run_id run;
    core::wake_condition_id condition;
  };
  /// Opens a stream again; asked by the stand-in itself.
  struct stream_reopened {
    std::uint64_t stream = 0;
  };
  /// A request that is not answered.
  struct request {
    std::variant<pool_call_ptr, journal_call_ptr, seat_wanted, wake_looked, stream_reopened> what;
    std::optional<tick> due;    ///< When it fails.
    std::optional<tick> waits;  ///< Until when the node may wait for what it asks for.
    bool makes_token = false;   ///< A join with which the run gets its token.
  };

  /// A run of this process.
  struct local_run {
    bool seated = false;
    bool left = false;                            ///< It has left its pool, and its actor goes on.
    bool asked = false;                           ///< For a seat, on this channel.
    caf::actor actor;                             ///< None: nobody takes its inbox.
    std::optional<std::uint64_t> upto;            ///< The last entry that it was handed.
    std::uint64_t credit = 0;                     ///< Entries that it can take.
    std::set<core::wake_condition_id> waits_for;  ///< It has not been told what became of them.
    std::deque<core::wake_condition_id> told;     ///< Of these, latest last; or it looks itself.
    std::vector<std::uint64_t> held;              ///< Requests that wait for its seat.
  };

  /// A stream of this process, wherever its node is.
  struct local_stream {
    std::variant<messages::open_subscription, messages::open_watch> what;  ///< From here on.
    std::optional<std::uint64_t> at_node;     ///< Its number on this channel.
    std::optional<std::uint64_t> unanswered;  ///< The request for its next items.
  };

  // standin.cpp: reaching the node
  void look(std::chrono::milliseconds after = {});
  void next_seed();
  void enter(phase next);
  void lose_channel();
  void seat_all();
  void resume();
  [[nodiscard]] bool in_channel() const { return phase_ >= phase::seating; }
  void arm();
  [[nodiscard]] messages::standin_actor me() const { return messages::standin_actor{self_}; }

  // standin_asking.cpp: requests
  std::uint64_t add(request what);
  void offer(std::uint64_t number);
  [[nodiscard]] bool acts_unseated(const request& asked) const;
  void let_through();
  void transmit(std::uint64_t number);
  void transmit(std::uint64_t number, const pool_call_ptr& call, std::uint64_t wait_millis);
  void transmit_as(const core::run_id& run, std::uint64_t number, messages::ask_pool ask);
  void want_seat(const core::run_id& run);
  [[nodiscard]] std::optional<request> take(std::uint64_t number);
  void answered(const pool_call_ptr& call, core::outcome<core::answer> what);
  template <class T>
  void learn(const core::outcome<T>& what) {
    never_opened_ = !what && what.error() == core::never_opened(pool_);
  }
  void fail(std::uint64_t number, const core::agent_error& why);
  void fail_all(const core::agent_error& why);
  void fail_due();

  void tell_taken();
  void count_failure();

  // standin_runs.cpp: runs of this process
  void became_seated(const core::run_id& run, local_run& local);
  void seated_late(const messages::run_seated& seated);
  void seat_later(const core::run_id& run);
  void seat_unseated();
  void seat_refused(const core::run_id& run, const core::agent_error& why);
  void attach(const core::run_id& run, local_run& local);
  void wake_told(const wake_looked& looked, const core::outcome<core::answer>& what);
  void note_suspend(const core::suspend_until& ask);
  void note_suspended(const core::suspend_until& ask, const core::outcome<core::answer>& what);
  void released(const core::run_id& run);
  [[nodiscard]] static bool is_news(local_run& local, const core::wake_condition_id& condition);

  // standin_streams.cpp: streams of this process
  void transmit(std::uint64_t number, const journal_call_ptr& call);
  void transmit(std::uint64_t number, const stream_reopened& stream);
  void journal_answered(std::uint64_t number, const journal_call_ptr& call,
                        core::outcome<messages::journal_answer> what);
  void reopened(std::uint64_t stream, const core::outcome<messages::journal_answer>& what);
  void streams_lost();
  [[nodiscard]] static bool goes_with_stream(const request& asked);

  pointer self_;
  std::shared_ptr<dialing> around_;
  core::pool_id pool_;
  std::function<bool()> may_end_;  ///< As `pool_source::make` says.
  bool never_opened_ = false;      ///< The node said so last.
  std::shared_ptr<pool_gauge> gauge_;
  phase phase_ = phase::resting;
  std::string endpoint_;  ///< Where the pool was said to be, or a seed.
  bool is_seed_ = true;
  std::size_t seed_ = 0;
  std::uint32_t hops_ = 0;
  std::uint32_t unreached_ = 0;  ///< Tries in a row to reach where the pool was said to be.
  std::uint32_t tries_ = 0;      ///< Rounds in a row that failed.
  messages::link_actor link_;
  std::uint64_t channel_ = 0;  ///< Counts them.
  messages::channel_peer peer_;
  std::optional<tick> opened_at_;   ///< The channel.
  std::uint64_t taken_ = 0;         ///< Messages that the node has not been told of.
  std::optional<tick> taken_at_;    ///< When it is, also of few.
  std::optional<tick> rest_until_;  ///< Or until when the node has time to open the channel.
  std::size_t seats_awaited_ = 0;
  /// Joins on this channel whose callers were told that nobody answered, by their numbers.
  std::map<std::uint64_t, core::run_id> given_up_;
  std::set<core::run_id> unconfirmed_;  ///< Have their token of a join that nobody has answered.
  std::set<core::run_id> unseated_;     ///< Refused for the moment: asked for again.
  std::optional<tick> seat_at_;         ///< When they are.
  std::uint32_t seat_tries_ = 0;        ///< Such rounds, on this channel.

  std::map<std::uint64_t, request> requests_;  ///< In the order in which they were asked.
  std::uint64_t last_request_ = 0;
  std::set<std::uint64_t> slow_;      ///< Under way, of those that take the node several steps.
  std::set<std::uint64_t> alone_;     ///< Of those, what no other may be under way with.
  std::deque<std::uint64_t> behind_;  ///< What was asked after those and has to come after them.
  bool letting_through_ = false;
  std::set<std::pair<tick, std::uint64_t>> dues_;
  std::unordered_map<core::run_id, local_run> runs_;
  std::map<std::uint64_t, local_stream> streams_;
  std::uint64_t last_stream_ = 0;
  bool closing_ = false;
  timer timer_;
};

/// The stand-in of a pool.
messages::standin_actor::behavior_type standin(
    messages::standin_actor::stateful_pointer<standin_desk> self, std::shared_ptr<dialing> around,
    core::pool_id pool, std::function<bool()> may_end);

}  // namespace agentpool::actors::remote
