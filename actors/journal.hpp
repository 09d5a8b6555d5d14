#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "agentpool/actors/limits.hpp"
#include "agentpool/core/roll.hpp"
#include "agentpool/core/subscriber_queue.hpp"
#include "agentpool/messages/protocol.hpp"

namespace agentpool::actors {

/// What a journal actor is made of.
struct journal_setup {
  core::pool_id id;
  messages::store_actor store;
  engine_limits limits;
};

/// How far a log was read, with the roll of that place.
struct log_walk {
  core::roll roll;
  core::log_position position;
};

/// The published events and records of the latest past, without a gap.
class journal_window {
 public:
  void take(messages::log_published news, std::size_t most);

  /// True when every stored event after `position` is in the window.
  [[nodiscard]] bool covers(core::stamp position) const {
    return position.event_seq >= floor_.event_seq;
  }
  /// The first event after `position`; null when there is none.
  [[nodiscard]] const core::published* after(core::stamp position) const;
  /// The place of the event that the cursor names.
  [[nodiscard]] core::stamp place_of(const core::event_cursor& cursor) const;
  /// The last event published.
  [[nodiscard]] core::stamp last() const noexcept { return last_; }
  /// The record with that sequence; null when it is not in the window.
  [[nodiscard]] core::entry_ptr record(std::uint64_t sequence) const;
  /// The sequence of the last record published.
  [[nodiscard]] std::uint64_t last_sequence() const noexcept { return last_sequence_; }

 private:
  std::deque<core::published> events_;
  std::deque<core::entry_ptr> records_;
  core::stamp floor_;  ///< The last event that is not in the window any more.
  core::stamp last_;
  std::uint64_t last_sequence_ = 0;
};

/// A cursor is older than the log.
[[nodiscard]] core::agent_error too_old(const core::horizon& begins);

/// The journal actor's state. Streams are read on demand: history at the reader's pace, from the
/// window or the log, and from there live through a bounded queue.
class journal_desk {
 public:
  static inline const char* name = "journal";
  using pointer = messages::journal_actor::pointer;

  explicit journal_desk(pointer self) : self_{self} {}

  void start(journal_setup setup) { setup_ = std::move(setup); }

  void on_asked(messages::journal_call& call);
  void on_close(std::uint64_t stream);
  void on_published(messages::log_published news);
  void on_horizon(const messages::horizon_moved& moved);
  void on_log(messages::log_told& answer);
  void on_closing();

 private:
  using answer_reply = messages::reply<messages::journal_answer>;

  /// A subscription, or a read of events without following.
  struct event_stream {
    core::event_filter filter;
    core::event_stream_scope scope;
    core::subscriber_queue queue;
    core::stamp position;  ///< Everything up to it was looked at.
    bool follow = true;
    bool live = false;                  ///< At the end: events come through the queue.
    bool reading = false;               ///< A page of the log is on its way.
    std::unique_ptr<log_walk> walk;     ///< While it reads the log.
    std::deque<core::published> ahead;  ///< Read from the log, not looked at yet.
    std::uint64_t wanted = 0;           ///< Frames that `back` waits for.
    answer_reply back;
  };

  /// A watch, or a read of records without following.
  struct record_stream {
    std::uint64_t sequence = 0;  ///< The last one given.
    bool follow = true;
    bool reading = false;
    std::uint64_t wanted = 0;
    std::vector<core::store_record> gathered;
    answer_reply back;
  };

  /// A read of journal records.
  struct journal_read {
    messages::read_journal ask;
    std::unique_ptr<log_walk> walk;
    std::vector<core::journal_record> gathered;
    answer_reply back;
  };

  using page_taker = std::function<void(core::outcome<core::log_page>)>;

  // journal.cpp: questions
  void take(const messages::open_subscription& ask, answer_reply back);
  void take(const messages::open_watch& ask, answer_reply back);
  void take(const messages::next_frames& ask, answer_reply back);
  void take(const messages::next_records& ask, answer_reply back);
  void take(const messages::read_events& ask, answer_reply back);
  void take(const messages::read_records& ask, answer_reply back);
  void take(const messages::read_journal& ask, answer_reply back);
  [[nodiscard]] bool full() const;
  [[nodiscard]] core::outcome<std::uint64_t> record_start(const core::store_cursor& cursor) const;
  void give_back(const messages::publisher& pool, std::size_t events);
  void read_page(core::log_position after, page_taker take);
  [[nodiscard]] core::outcome<std::unique_ptr<log_walk>> walk_from(
      const std::function<bool(const core::roll&)>& is_before);

  // journal_events.cpp
  [[nodiscard]] core::outcome<event_stream> make_stream(
      const core::event_filter& filter, const std::optional<core::event_cursor>& cursor) const;
  void serve(std::uint64_t number);
  void serve_history(std::uint64_t number, event_stream& stream);
  [[nodiscard]] bool give_live(std::uint64_t number, event_stream& stream);
  [[nodiscard]] bool next_event(event_stream& stream, core::published& out);
  void read_ahead(std::uint64_t number, event_stream& stream);
  void take_ahead(std::uint64_t number, const core::outcome<core::log_page>& page);
  void end_events(std::uint64_t number, const core::agent_error& why);
  void push_live(const core::published& what);

  // journal_records.cpp
  void serve_records(std::uint64_t number);
  void take_record_page(std::uint64_t number, const core::outcome<core::log_page>& page);
  void give_records(std::uint64_t number, record_stream& stream);
  void read_on(std::shared_ptr<journal_read> read);
  void give_journal(journal_read& read);
  void take_journal_page(const std::shared_ptr<journal_read>& read, const core::log_page& page);

  pointer self_;
  journal_setup setup_;
  journal_window window_;
  std::map<std::uint64_t, event_stream> events_;
  std::map<std::uint64_t, record_stream> records_;
  std::uint64_t last_stream_ = 0;
  std::unordered_map<std::uint64_t, page_taker> reads_;
  std::uint64_t last_read_ = 0;
  std::shared_ptr<const core::horizon> begins_;  ///< Of the log; null: at its start.
  std::size_t taken_ = 0;                        ///< Events taken since the pool was told so.
  std::unique_ptr<log_walk> kept_walk_;          ///< Where the last reader of the log stopped.
};

/// The journal actor.
messages::journal_actor::behavior_type journal(
    messages::journal_actor::stateful_pointer<journal_desk> self, journal_setup setup);

}  // namespace agentpool::actors
