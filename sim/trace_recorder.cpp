#include "agentpool/sim/trace_recorder.hpp"

#include <array>
#include <atomic>
#include <caf/mailbox_element.hpp>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "agentpool/core/json_tree.hpp"
#include "trace_lanes.hpp"
#include "trace_origins.hpp"
#include "trace_text.hpp"

namespace agentpool::sim {

namespace {

/// What an actor is doing on this thread: it handles a message, or begins its life.
struct turn {
  std::uint64_t recorder = 0;  ///< Whose actor: a thread may serve engines of several recorders.
  std::uint64_t step = 0;
  const shared_name* actor = nullptr;  ///< Stands as long as the actor lives, so during the turn.
};

/// The turns under way on this thread, the innermost last. There are several only where an actor
/// itself steps the actors of another engine; what lies deeper than there is room for is as if it
/// came from no actor. Needs no destruction, so it is there until the thread is gone.
struct turn_stack {
  std::array<turn, 8> turns{};
  std::size_t depth = 0;

  void push(const turn& now) noexcept {
    if (depth < turns.size()) turns[depth] = now;
    ++depth;
  }
  void pop() noexcept { --depth; }
  /// The innermost one of that recorder's actors.
  [[nodiscard]] const turn* of(std::uint64_t recorder) const noexcept {
    for (auto each = depth; each-- > 0;)
      if (each < turns.size() && turns[each].recorder == recorder) return &turns[each];
    return nullptr;
  }
};
constinit thread_local turn_stack under_way;

/// Never used twice, unlike addresses.
std::uint64_t next_recorder() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

shared_name name_of(const actors::actor_label& who) {
  std::string json;
  core::write_json_string(json, text_of(who));
  return std::make_shared<const std::string>(std::move(json));
}

/// The names of the actors that live, by their numbers. For any thread.
class actor_names {
 public:
  void put(std::uint64_t actor, shared_name name) {
    auto& mine = shard_of(actor);
    const std::lock_guard guard{mine.lock};
    mine.names.insert_or_assign(actor, std::move(name));
  }
  void erase(std::uint64_t actor) {
    auto& mine = shard_of(actor);
    const std::lock_guard guard{mine.lock};
    mine.names.erase(actor);
  }
  /// Stays where it is until the actor is erased.
  const shared_name& of(std::uint64_t actor) {
    auto& mine = shard_of(actor);
    const std::lock_guard guard{mine.lock};
    return mine.names.at(actor);
  }

 private:
  static constexpr std::size_t shard_count = 64;
  struct alignas(64) shard {
    std::mutex lock;
    std::unordered_map<std::uint64_t, shared_name> names;
  };
  shard& shard_of(std::uint64_t actor) { return shards_[actor % shard_count]; }
  std::array<shard, shard_count> shards_;
};

}  // namespace

class trace_recorder::parts {
 public:
  explicit parts(recorder_options options)
      : lanes{std::move(options), [this] { return next_step(); }} {}

  std::uint64_t next_step() { return ++last_step; }

  /// A message is handled, or an actor made.
  turn begin(std::uint64_t actor) {
    const turn now{number, next_step(), &names.of(actor)};
    under_way.push(now);
    return now;
  }

  const std::uint64_t number = next_recorder();
  std::atomic<std::uint64_t> last_step{0};
  actor_names names;
  trace_origins origins;
  trace_lanes lanes;
};

trace_recorder::trace_recorder(recorder_options options)
    : parts_{std::make_unique<parts>(std::move(options))} {}

trace_recorder::~trace_recorder() = default;

core::outcome<void> trace_recorder::close() { return parts_->lanes.close(); }

std::uint64_t trace_recorder::recorded() const { return parts_->lanes.recorded(); }

std::uint64_t trace_recorder::dropped() const { return parts_->lanes.dropped(); }

void trace_recorder::on_spawned(std::uint64_t actor, const actors::actor_label& who) {
  parts_->names.put(actor, name_of(who));
}

void trace_recorder::on_starting(std::uint64_t actor) {
  const auto now = parts_->begin(actor);
  parts_->lanes.add([&](std::string& text, std::string&) {
    append_line(text, {parts_->lanes.now(), now.step, {}, **now.actor, "made"});
  });
}

void trace_recorder::on_sent(std::uint64_t, const caf::mailbox_element& what) {
  if (const auto* now = under_way.of(parts_->number)) {
    parts_->origins.put(&what, {now->step, *now->actor});
  } else {
    parts_->origins.take(&what);
  }
}

void trace_recorder::on_handling(std::uint64_t actor, const caf::mailbox_element& what) {
  const auto now = parts_->begin(actor);
  const auto from = parts_->origins.take(&what);
  parts_->lanes.add([&](std::string& text, std::string& ids) {
    const auto name = describe(what, ids);
    const std::string_view outside = name == "timer_due" ? "\"clock\"" : "\"world\"";
    const auto sender = from.sender ? std::string_view{*from.sender} : outside;
    append_line(text, {parts_->lanes.now(), now.step, sender, **now.actor, name, from.step, ids});
  });
}

void trace_recorder::on_handled(std::uint64_t) noexcept { under_way.pop(); }

void trace_recorder::on_destroyed(std::uint64_t actor) noexcept { parts_->names.erase(actor); }

void trace_recorder::on_pool(const core::pool_id&, std::function<std::string()>) {}

}  // namespace agentpool::sim
