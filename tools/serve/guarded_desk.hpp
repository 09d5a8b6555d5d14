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
  guarded_desk(std::shared_ptr<const service> all, credentials shown, std::string trace = {})
      : all_{std::move(all)}, shown_{std::move(shown)}, trace_{std::move(trace)} {}

  void submit(const core::pool_id& pool, core::command ask, std::chrono::milliseconds wait,
              actors::callback<core::answer> then) override;
  void join(const core::pool_id& pool, seat_wanted wanted,
            actors::callback<seat_told> then) override;
  void list_pools(actors::callback<std::vector<core::pool_id>> then) override;
  void put_content(std::string bytes, actors::callback<core::content_ref> then) override;
  void get_content(core::content_ref name,
                   actors::callback<std::optional<std::string>> then) override;
  [[nodiscard]] core::outcome<actors::pool_handle> reading(const core::pool_id& pool) override;

  [[nodiscard]] const credentials& shown() const { return shown_; }

 private:
  void act(const core::pool_id& pool, const core::run_id& run, core::command ask,
           std::chrono::milliseconds wait, actors::callback<core::answer> then);
  void act_on(const core::pool_id& pool, core::read_snapshot whose, core::command ask,
              actors::callback<core::answer> then);
  void pass(const core::pool_id& pool, core::command ask, std::chrono::milliseconds wait,
            actors::callback<core::answer> then);
  void denied(const core::pool_id& pool, const core::run_id& run) const;
  [[nodiscard]] bool administers() const;
  /// That the caller does not have the role; none when it does.
  [[nodiscard]] std::optional<core::agent_error> lacking(caller_role role) const;
  void stamp(core::run_message& message, const run_sender& sender) const;

  const std::shared_ptr<const service> all_;
  const credentials shown_;
  const std::string trace_;
};

/// Whether the text is a traceparent as W3C Trace Context level 1 says.
[[nodiscard]] bool is_traceparent(std::string_view text);

}  // namespace agentpool::tools
