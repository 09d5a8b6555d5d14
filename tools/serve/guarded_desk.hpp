#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "seats.hpp"
#include "tools/pool_desk.hpp"
#include "watches.hpp"

namespace agentpool::tools {

/// Names in the correlation of a message that say who sent it. What a caller writes under them is
/// replaced: they are the server's to say.
inline constexpr std::string_view sender_key = "sender.name";
inline constexpr std::string_view sender_behalf_key = "sender.on_behalf_of";
inline constexpr std::string_view sender_parent_key = "sender.spawned_by";
inline constexpr std::string_view sender_prefix = "sender.";

/// Bytes of a traceparent of W3C Trace Context level 1.
inline constexpr std::size_t traceparent_length = 55;

/// Whether the text is a traceparent as that says.
[[nodiscard]] bool is_traceparent(std::string_view text);

/// The traceparent in what came from outside, without what later versions may add; "" without one.
[[nodiscard]] std::string traceparent_in(std::string_view text);

/// Which denials are told as events: one a run and minute, however often somebody tries. Safe to
/// use from any thread.
class denial_notes {
 public:
  /// The number of the denial that is to be told; none when one was told a moment ago.
  [[nodiscard]] std::optional<std::uint64_t> note(const core::pool_id& pool,
                                                  const core::run_id& run);

 private:
  std::mutex mutex_;
  std::uint64_t last_number_ = 0;
  std::map<std::pair<core::pool_id, core::run_id>, std::chrono::steady_clock::time_point> told_;
};

/// What all callers of a server share.
struct service {
  actors::engine& engine;
  std::shared_ptr<seats> runs;
  std::shared_ptr<const core::clock> clock;
  std::shared_ptr<denial_notes> denials = std::make_shared<denial_notes>();
  std::shared_ptr<desk_watch> watch = {};  ///< Null: nobody looks on.
  std::shared_ptr<send_watch> sends = {};  ///< The same.
};

/// The pools for one caller: what it may not do is denied, nobody acts for another's run, and who
/// sent a message is written into it. Keep it until all is answered.
class guarded_desk : public pool_desk, public std::enable_shared_from_this<guarded_desk> {
 public:
  /// `trace`: the W3C traceparent that the request came with; "" without one.
  guarded_desk(std::shared_ptr<const service> all, credentials shown, std::string_view trace = {})
      : all_{std::move(all)}, shown_{std::move(shown)}, trace_{traceparent_in(trace)} {}

  void submit(const core::pool_id& pool, core::command ask, std::chrono::milliseconds wait,
              actors::callback<core::answer> then) override;
  void join(const core::pool_id& pool, seat_wanted wanted,
            actors::callback<seat_told> then) override;
  void list_pools(actors::callback<std::vector<core::pool_id>> then) override;
  void put_content(std::string bytes, actors::callback<core::content_ref> then) override;
  void get_content(core::content_ref name,
                   actors::callback<std::optional<std::string>> then) override;
  [[nodiscard]] core::outcome<actors::pool_handle> reading(const core::pool_id& pool) override;

  /// Whether the caller may act as the run, without doing anything; who that is then. `afresh` as
  /// `seats::check` takes it.
  void check_acting(const core::pool_id& pool, const core::run_id& run, bool afresh,
                    const actors::callback<run_sender>& then);

  [[nodiscard]] const credentials& shown() const { return shown_; }

 private:
  struct request {
    core::command ask;
    std::chrono::milliseconds wait;
    actors::callback<core::answer> then;
  };

  void act(const core::pool_id& pool, const core::run_id& run, request what, bool again);
  void act_seated(const core::pool_id& pool, const core::run_id& run, request what,
                  const run_sender& sender, bool again);
  void act_on(const core::pool_id& pool, core::read_snapshot whose, core::command ask,
              actors::callback<core::answer> then);
  /// To the pool, if the run is still that member.
  void pass(const core::pool_id& pool, core::command ask, std::chrono::milliseconds wait,
            std::optional<core::membership> as, actors::callback<core::answer> then);
  void denied(const core::pool_id& pool, const core::run_id& run) const;
  [[nodiscard]] bool administers() const;
  /// That the caller does not have the role; none when it does.
  [[nodiscard]] std::optional<core::agent_error> lacking(caller_role role) const;
  /// That the caller acts as no run, or not as this one, whoever joined it.
  [[nodiscard]] std::optional<core::agent_error> not_acting(const core::run_id& run) const;
  /// Writes who says it into a message or an event; the error: it says that it is another's.
  [[nodiscard]] std::optional<core::agent_error> stamp(core::command& ask,
                                                       const run_sender& sender) const;
  void mark(core::event_correlation& correlation, const run_sender& sender) const;

  const std::shared_ptr<const service> all_;
  const credentials shown_;
  const std::string trace_;
};

}  // namespace agentpool::tools
