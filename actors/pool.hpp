#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/timers.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/core/time.hpp"
#include "agentpool/messages/protocol.hpp"

namespace agentpool::actors {

/// What a pool actor is made of.
struct pool_setup {
  core::pool_id id;
  messages::store_actor store;
  messages::journal_actor journal;
  std::shared_ptr<const core::clock> clock;
  engine_limits limits;
  core::pool_limits pool_limits;
  std::shared_ptr<actor_watch> watch = {};
  std::function<bool()> may_end = {};  ///< As `pool_source::make` says. Null: never.
};

/// The pool actor's state. One queue of tasks in the order of arrival: each is decided at once and
/// tried out, then stands in `flights_` until it and everything before it is durable; only then is
/// it published and answered.
///
///     stash_ ──decide──► flights_ ──durable──► published, handed out, answered
///        ▲ │                │
///        │ └─► searches_    │   (look back further than memory: decided when the log was searched)
///        └── conflict ──────┘   (taken back, the log read again, decided again)
class pool_desk {
 public:
  static inline const char* name = "pool";
  using pointer = messages::pool_actor::pointer;

  explicit pool_desk(pointer self) : self_{self} {}

  void start(pool_setup setup);

  void on_asked(const std::shared_ptr<messages::pool_call>& call);
  void on_requested(const std::shared_ptr<messages::pool_call>& call);
  void on_journal_asked(const messages::journal_asked& ask);
  void on_appended(const messages::records_appended& answer);
  void on_checkpoint_kept(const messages::checkpoint_kept& answer);
  void on_log(messages::log_told& answer);
  void on_changed();
  void on_news_taken(const messages::news_taken& taken);
  void on_run_ready(const messages::run_ready& ready);
  void on_run_gone(const messages::run_gone& gone);
  void on_hosted_run_ready(const messages::hosted_run_ready& ready);
  void on_hosted_run_gone(const messages::hosted_run_gone& gone);
  void on_timer(const messages::timer_due& due);
  void on_closing();

 private:
  using pool_call_ptr = std::shared_ptr<messages::pool_call>;
  /// Timeouts that are due.
  struct expiry {};
  /// The next page of an attached run's inbox.
  struct handover {
    core::run_id run_id;
    std::uint64_t attachment = 0;
    std::uint64_t max = 0;
  };
  using task = std::variant<pool_call_ptr, messages::journal_asked, expiry, handover>;

  /// A task that was decided.
  struct flight {
    task what;
    bool tried = false;        ///< The pool goes on as if it were durable.
    bool stores = false;       ///< It has something to append.
    bool durable = false;      ///< Nothing to append, or appended.
    std::uint64_t append = 0;  ///< Number of the append that it is part of, if it stores.
    std::vector<core::entry_ptr> entries = {};
    std::vector<core::published> events = {};
    core::outcome<core::answer> reply{core::answer{core::dues_expired{}}};
  };

  /// A request that looks back further than memory: the log is searched while others go on.
  struct search {
    pool_call_ptr call;
    core::history_search what;
    core::past_place place;  ///< Up to where the log was searched.
    std::optional<core::trigger> found;
    bool done = false;
  };

  /// What the desk is doing with its tasks.
  enum class phase {
    restoring,    ///< Reading the checkpoint.
    catching_up,  ///< Reading what the log has beyond its state.
    ready,        ///< Deciding.
    recovering,   ///< An append did not succeed: waiting for the answers to the others.
    draining,     ///< Waiting until nothing is in flight, to read evidence or what others wrote.
    reading,      ///< Reading evidence for the first task.
    astray,       ///< The log could not be read: tried again with the next task or later.
    closing,
  };

  struct waiter {
    pool_call_ptr call;
    tick due;
  };

  struct attached_run {
    caf::actor actor;  ///< A member run, or who hosts it; untyped for messages that many share.
    bool hosted = false;
    std::uint64_t life = 0;             ///< Of a hosted run, by its host's count.
    std::uint64_t attachment = 0;       ///< Tells it from what was attached under this id before.
    std::optional<std::uint64_t> upto;  ///< Sequence of the last entry handed over.
    std::uint64_t credit = 0;           ///< Entries that it can take.
    bool caught_up = false;             ///< It has every entry: new ones go to it directly.
    bool reading = false;               ///< A page of its inbox is on its way.
  };

  // pool.cpp: from stash to flight
  void go_on();
  void read_on();
  void decide_next();
  [[nodiscard]] attached_run* attached(const handover& next);
  [[nodiscard]] core::pool::verdict decide(const task& what);
  [[nodiscard]] core::pool::verdict decide(const messages::pool_call& call,
                                           const core::evidence& known) const;
  void take_off(task what, core::decision decided);
  void gather(core::log_position before, const flight& next, std::vector<core::inbox_ack> acks);
  void append_gathered(bool at_once = false);
  [[nodiscard]] bool rests_next() const;
  [[nodiscard]] bool is_unused() const;
  void end_unused();
  void pass_on_first();
  void refuse_first(const core::agent_error& why);
  void refuse(task what, const core::agent_error& why);

  // pool_settling.cpp: from flight to answer
  void settle();
  void settle_one(flight done);
  void recover();
  void redecide_or_fail(flight lost);
  void announce(std::vector<core::entry_ptr> entries, std::vector<core::published> events);
  void tell_journal();
  void publish();
  void on_journal_gone();
  void go_on_publishing();
  [[nodiscard]] bool journal_lags() const;
  void fail_stash(const core::agent_error& why);

  // pool_reading.cpp: what the log says
  void catch_up();
  void take_page(const core::log_page& page);
  void take_acks(const core::ack_page& page);
  void caught_up();
  void lost_log(const core::agent_error& why);
  void look_for(core::missing unread);
  void read_evidence();
  void take_records(const std::vector<core::entry_ptr>& records);
  [[nodiscard]] std::uint64_t ask_log(decltype(messages::read_log::what) what);

  // pool_checkpoints.cpp: opening from a checkpoint, and making them
  void restore();
  void take_checkpoint(const core::outcome<messages::log_content>& content);
  void take_restored(const std::vector<core::entry_ptr>& records);
  void restore_records();
  void give_up_restoring(const core::agent_error& why);
  [[nodiscard]] bool checkpoint_due(std::uint64_t early = 0) const;
  void make_checkpoint();
  void leave_checkpoint();
  bool send_checkpoint(std::optional<core::horizon> begins);
  [[nodiscard]] bool can_forget(std::uint64_t entries) const;
  void forget_old();
  void forget_marks();
  void retry();

  // pool_searching.cpp: looking back further than memory
  void begin_search(core::history_search wanted);
  void search_on();
  void search_page(const core::outcome<messages::log_content>& content);
  [[nodiscard]] bool search_ends(const core::log_page& page);
  void decide_searched();
  void end_search();

  // pool_waiting.cpp: requests that wait, and time
  [[nodiscard]] bool waits(const messages::pool_call& call, const core::answer& reply) const;
  void park(const pool_call_ptr& call);
  void stir(std::uint64_t waiter_number);
  void stir_all(const core::log_entry& entry);
  void arm_timer();

  // pool_runs.cpp: attached runs
  void on_ready(const core::run_id& run, attached_run as, std::uint64_t credit);
  void hand_over(const core::log_entry& entry);
  void hand_over_message(const core::message_recorded& message, std::uint64_t sequence);
  [[nodiscard]] attached_run* ready_for(const core::run_id& run, std::uint64_t sequence);
  void hand_page(const handover& asked, const core::outcome<core::answer>& reply);
  void want_page(const core::run_id& run, attached_run& reader);
  void read_inboxes_later();
  void read_inboxes_again();

  [[nodiscard]] core::instant now() const { return setup_.clock->now(); }

  pointer self_;
  pool_setup setup_;
  std::unique_ptr<core::pool> pool_;
  phase phase_ = phase::restoring;
  std::deque<task> stash_;
  std::deque<flight> flights_;
  core::append_request gathered_;  ///< What the next append takes along.
  std::size_t gathered_requests_ = 0;
  std::uint64_t next_append_ = 1;        ///< The number that it will have.
  std::uint64_t epoch_ = 1;              ///< Begins anew with each recovery.
  std::size_t unanswered_ = 0;           ///< Appends that the store has not answered.
  bool append_failed_ = false;           ///< One of them did not succeed: no more until recovered.
  messages::log_published unpublished_;  ///< Settled; the journal is not told yet.
  std::size_t untaken_ = 0;              ///< Events that the journal was told and has not taken.
  bool journal_gone_ = false;            ///< Ended by a fault: nobody to wait for.
  std::uint64_t durable_sequence_ = 0;
  std::optional<core::agent_error> append_error_;
  bool changed_ = false;  ///< Others may have appended.
  bool opened_ = false;   ///< The log was read to its end once.

  bool keeps_checkpoints_ = false;                 ///< The store does.
  bool keeping_ = false;                           ///< One is under way.
  std::optional<std::uint64_t> last_checkpoint_;   ///< What the next one can follow.
  std::uint64_t next_checkpoint_ = 0;              ///< Entries of the log when it is due.
  std::uint64_t next_whole_ = 0;                   ///< The same for one that follows none.
  std::vector<std::uint64_t> restored_with_ = {};  ///< Records to be read for the checkpoint.
  std::shared_ptr<const core::horizon> begins_;    ///< Where the stored log begins.
  std::deque<core::horizon> marks_;                ///< Where it may begin later.
  bool forget_due_ = false;                        ///< Once nothing is in flight.
  std::shared_ptr<const core::horizon> moving_;    ///< Where it begins if a checkpoint is kept,
  std::shared_ptr<const core::drop_request> dropping_;  ///< and what can go then.

  std::uint64_t last_read_ = 0;
  std::uint64_t read_number_ = 0;    ///< The read whose answer is awaited; no other counts.
  std::uint64_t search_number_ = 0;  ///< The same for the search under way.
  std::deque<search> searches_;      ///< The first is under way, or done and to be decided.
  std::uint64_t ack_mark_ = 0;
  std::deque<core::published> old_events_;  ///< Read while opening: the journal's first window.
  std::deque<core::entry_ptr> old_entries_;
  core::evidence evidence_;
  std::optional<core::missing> unread_;
  std::size_t evidence_rounds_ = 0;

  std::unordered_map<std::uint64_t, waiter> waiters_;
  std::uint64_t last_waiter_ = 0;
  std::set<std::pair<tick, std::uint64_t>> waiter_dues_;
  std::map<core::run_id, std::set<std::uint64_t>> inbox_waiters_;
  std::map<core::wake_condition_id, std::set<std::uint64_t>> wake_waiters_;
  bool expiring_ = false;  ///< An expiry is on its way.
  tick retry_at_{};        ///< After a failure: not before.
  timer timer_;

  std::unordered_map<core::run_id, attached_run> runs_;
  std::optional<tick> reread_at_;  ///< When to read the inboxes again that could not be read.
  std::uint64_t last_attachment_ = 0;
};

/// The pool actor.
messages::pool_actor::behavior_type pool(messages::pool_actor::stateful_pointer<pool_desk> self,
                                         pool_setup setup);

}  // namespace agentpool::actors
