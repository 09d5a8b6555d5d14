#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <variant>

#include "actors/remote/surroundings.hpp"
#include "agentpool/actors/stream.hpp"

namespace agentpool::actors::remote {

/// What a channel is made of.
struct channel_setup {
  std::shared_ptr<surroundings> around;
  std::shared_ptr<session_account> account;
  core::pool_id pool;
  messages::attendance_actor attendance;
  messages::pool_peer peer;
  std::uint64_t channel = 0;  ///< The program's number for it.
};

/// The state of a channel: what one program asks of one pool. It checks what comes, passes it on,
/// and never has more on its way to the program than that takes.
class channel_desk {
 public:
  static inline const char* name = "channel";
  using pointer = messages::channel_actor::pointer;

  explicit channel_desk(pointer self) : self_{self} {}
  ~channel_desk();
  channel_desk(const channel_desk&) = delete;
  channel_desk& operator=(const channel_desk&) = delete;

  void start(channel_setup setup);

  // From the program.
  void on_seat(messages::seat_run& ask);
  void on_ask(messages::ask_pool& ask);
  void on_journal(messages::ask_journal& ask);
  void on_close_stream(const messages::close_stream& ask);
  void on_seat_ready(const messages::seat_ready& ready);
  void on_seat_quiet(const messages::seat_quiet& quiet);
  void on_taken(const messages::channel_taken& taken);
  void on_close();

  // From the node.
  void on_entries(messages::run_entries& handed);
  void on_flush();
  void on_wake(const messages::wake_handed& handed);
  void on_seat_answered(const messages::seat_answered& answer);
  void on_seat_lost(const messages::seat_lost& lost);
  void on_moved();

 private:
  /// What callbacks need that may outlive the channel: how to answer the program.
  struct back {
    static constexpr std::size_t usual_bytes = 256;  ///< Of what is not measured.

    messages::pool_peer peer;
    std::uint64_t channel = 0;
    caf::actor_system* system = nullptr;
    std::size_t answer_bytes_max = 0;
    std::size_t untaken_max = 0;
    std::size_t untaken_bytes_max = 0;
    std::shared_ptr<session_account> account;

    // From any thread.
    template <class Message>
    void tell(Message what, std::size_t bytes = usual_bytes);
    void tell_pool(std::uint64_t number, core::outcome<core::answer> what);
    void tell_journal(std::uint64_t number, core::outcome<messages::journal_answer> what,
                      std::size_t bytes = 0);
    /// Counts a request that is not answered yet; gives how many the session has.
    std::uint64_t begin();
    void answered();
    void taken(std::uint64_t messages);
    [[nodiscard]] bool keeps_up() const;
    [[nodiscard]] bool has_room(std::size_t bytes) const;
    /// The channel is gone: what comes now is counted no more.
    void end();

    /// Counts a message that is on its way.
    void note(std::size_t bytes = usual_bytes);

   private:
    template <class Told, class Answer>
    void tell_answer(Told told, core::outcome<Answer> what, std::size_t bytes, bool refusable);

    mutable std::mutex lock_;
    std::deque<std::size_t> untaken_;  ///< The bytes of each, oldest first.
    std::size_t untaken_bytes_ = 0;
    std::uint64_t unanswered_ = 0;
    bool ended_ = false;
  };
  template <class Stream, class Page>
  struct paged {
    Stream from;
    Page kept;             ///< Read already, and too large for the message before.
    bool reading = false;  ///< One at a time.
  };
  using frame_source = paged<subscription, messages::frame_page>;
  using record_source = paged<record_stream, messages::record_page>;
  using any_stream = std::variant<frame_source, record_source>;

  // channel.cpp
  [[nodiscard]] static core::agent_error too_slow(const node_limits& limits);
  void end(core::agent_error why);
  void tell_entries();
  void tell_entries(messages::seats_handed handed);
  [[nodiscard]] bool keeps_up();
  void release(const core::run_id& run);

  // channel_asking.cpp
  [[nodiscard]] bool begin(std::uint64_t number, bool journal);
  void submit(std::uint64_t number, core::command ask, std::chrono::milliseconds wait);
  void wait_on(std::uint64_t number, core::command ask, std::chrono::milliseconds left);
  void leave(std::uint64_t number, core::leave_run ask);
  void cancel_wake(std::uint64_t number, const core::cancel_wake& ask);
  void deny(std::uint64_t number, const core::run_id& run);
  void question(std::uint64_t number, messages::open_subscription& ask);
  void question(std::uint64_t number, messages::open_watch& ask);
  void question(std::uint64_t number, messages::next_frames& ask);
  void question(std::uint64_t number, messages::next_records& ask);
  void question(std::uint64_t number, messages::read_events& ask);
  void question(std::uint64_t number, messages::read_records& ask);
  void question(std::uint64_t number, messages::read_journal& ask);
  template <class T>
  void opened(std::uint64_t number, core::outcome<T>&& stream);
  template <class Source>
  [[nodiscard]] Source* source_of(std::uint64_t stream);
  template <class Source>
  void next(std::uint64_t number, std::uint64_t stream, std::uint64_t most);
  template <class Source>
  void tell_page(std::uint64_t number, std::uint64_t stream, std::uint64_t most);

  pointer self_;
  std::shared_ptr<surroundings> around_;
  messages::attendance_actor attendance_;
  std::optional<pool_handle> pool_;
  std::shared_ptr<back> back_;
  std::unordered_map<core::run_id, bool> seats_;  ///< With whether the pool hands it its inbox.
  std::set<core::run_id> denied_;                 ///< Told of already.
  std::map<std::uint64_t, any_stream> streams_;
  std::uint64_t last_stream_ = 0;
  std::uint64_t seats_asked_ = 0;   ///< Not answered.
  messages::run_entries gathered_;  ///< What came for the same runs since it was told last.
  bool flushing_ = false;
  bool ended_ = false;
};

/// A channel of a node.
messages::channel_actor::behavior_type channel(
    messages::channel_actor::stateful_pointer<channel_desk> self, channel_setup setup);

}  // namespace agentpool::actors::remote
