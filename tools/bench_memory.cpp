#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "bench_caf.hpp"
#include "bench_heap.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t counted = 50'000;
/// Made before counting, after so many messages, so that the windows of recent records and events
/// and SQLite's cache are full already: records of members are too short to fill it.
constexpr std::uint64_t warm = 50'000;
/// So many that what the windows hold of their cancelling weighs little.
constexpr std::uint64_t counted_messages = 200'000;
constexpr std::size_t deep = 1'024;
constexpr std::uint64_t ack_every = 10'000;

using values = core::outcome<std::vector<double>>;

/// A pool whose log is on SQLite, so that what it has in memory is what the engine keeps.
class kept_pool {
 public:
  explicit kept_pool(std::string folder) : folder_{std::move(folder)} {}
  ~kept_pool() {
    bench_.reset();
    for (const auto& file : std::filesystem::directory_iterator{folder_})
      std::filesystem::remove_all(file.path());
  }
  kept_pool(const kept_pool&) = delete;
  kept_pool& operator=(const kept_pool&) = delete;

  core::outcome<void> open() {
    auto bench = bench_engine::on("sqlite:" + folder_ + "/kept.sqlite");
    if (!bench) return bench.error();
    bench_ = std::move(*bench);
    auto pool = bench_->open_pool();
    if (!pool) return pool.error();
    pool_ = std::move(*pool);
    return {};
  }

  [[nodiscard]] bench_engine& bench() { return *bench_; }
  [[nodiscard]] const actors::pool_handle& pool() const { return *pool_; }

 private:
  std::string folder_;
  std::shared_ptr<bench_engine> bench_;
  std::optional<actors::pool_handle> pool_;
};

/// What the heap grew by while `work` was done, for each of `count` items.
core::outcome<double> growth(std::uint64_t count,
                             const std::function<core::outcome<void>()>& work) {
  const auto before = heap_bytes();
  if (auto done = work(); !done) return done.error();
  const auto grown = static_cast<double>(heap_bytes()) - static_cast<double>(before);
  return grown / static_cast<double>(count);
}

/// Makes so many items, with numbers from `first` on.
using item_maker =
    std::function<core::outcome<void>(kept_pool&, std::uint64_t first, std::uint64_t count)>;

core::outcome<void> make_members(kept_pool& kept, std::uint64_t first, std::uint64_t count) {
  return ask_often(kept.pool(), first, count, deep, [](std::uint64_t number) -> core::command {
    return core::join_run{bench_member(numbered_run("run.member", number))};
  });
}

core::outcome<void> make_wakes(kept_pool& kept, std::uint64_t first, std::uint64_t count) {
  return register_idle_wakes(kept.pool(), first, count);
}

/// An agent that does nothing.
class idle_agent final : public actors::agent {};

core::outcome<void> make_runs(kept_pool& kept, std::uint64_t first, std::uint64_t count) {
  const core::agent_id agent{"agent.idle"};
  kept.bench().engine().register_agent(
      agent, [](const core::run_id&) { return std::make_unique<idle_agent>(); });
  return start_often(kept.bench().engine(), {kept.pool().id(), core::run_id{"run.idle"}, agent},
                     first, count);
}

/// Sends and acknowledges, so that the inbox is short.
core::outcome<void> make_messages(kept_pool& kept, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t done = 0; done < count; done += ack_every) {
    const auto last = std::min(done + ack_every, count) - 1;
    const auto sent = ask_often(kept.pool(), first + done, last - done, deep,
                                [](std::uint64_t number) -> core::command {
                                  return core::send_message{bench_message(number)};
                                });
    if (!sent) return sent.error();
    const auto receipt = kept.pool().send(bench_message(first + last));
    if (!receipt) return receipt.error();
    const auto sequence = core::journal_seq_of(receipt->journal_cursor.value()) + 1;
    const auto acked = kept.pool().ack_inbox(bench_receiver(), sequence);
    if (!acked) return acked.error();
  }
  return {};
}

core::outcome<void> cancel_messages(kept_pool& kept, std::uint64_t first, std::uint64_t count) {
  return ask_often(kept.pool(), first, count, deep, [](std::uint64_t number) -> core::command {
    return core::cancel_message{bench_message(number).message_id};
  });
}

values bytes_each(const bench_effort& effort, const item_maker& make) {
  kept_pool kept{effort.folder};
  if (auto opened = kept.open(); !opened) return opened.error();
  const auto first = effort.scaled(warm);
  const auto count = effort.scaled(counted);
  if (auto filled = make_messages(kept, 0, first); !filled) return filled.error();
  if (auto made = make(kept, 0, first); !made) return made.error();
  const auto each = growth(count, [&] { return make(kept, first, count); });
  if (!each) return each.error();
  return std::vector<double>{*each};
}

values bytes_of_messages(const bench_effort& effort) {
  kept_pool kept{effort.folder};
  if (auto opened = kept.open(); !opened) return opened.error();
  const auto first = effort.scaled(warm);
  const auto count = effort.scaled(counted_messages);
  if (auto made = make_messages(kept, 0, first); !made) return made.error();
  const auto sent = growth(count, [&] { return make_messages(kept, first, count); });
  if (!sent) return sent.error();
  // Read again to be cancelled, a message is not shared with its other records any more, so the
  // windows of recent records take more first.
  if (auto filled = cancel_messages(kept, 0, first); !filled) return filled.error();
  const auto cancelled = growth(count, [&] { return cancel_messages(kept, first, count); });
  if (!cancelled) return cancelled.error();
  return std::vector<double>{*sent, *sent + *cancelled};
}

/// A part of one figure, with its target in bytes.
comparison_part part_of(const std::string& item, double bytes_max, const item_maker& make) {
  return {"memory/" + item, [=](const bench_effort& effort) -> core::outcome<bench_sides> {
            const bench_goal goal{bench_goal::kind::at_most, bytes_max};
            return bench_sides{{{"bytes a " + item, {}, goal}},
                               [=] { return bytes_each(effort, make); }};
          }};
}

core::outcome<bench_sides> run_sides(const bench_effort& effort) {
  const bench_goal goal{bench_goal::kind::at_most, 2'200};
  bench_sides sides;
  sides.measures = {{"bytes a run, member included", "an idle CAF actor", goal}};
  sides.ours = [effort] { return bytes_each(effort, make_runs); };
  sides.reference = [effort]() -> values {
    return std::vector<double>{caf_idle_actor_bytes(effort.scaled(counted))};
  };
  return sides;
}

core::outcome<bench_sides> message_sides(const bench_effort& effort) {
  const bench_goal goal{bench_goal::kind::at_most, 120};
  return bench_sides{{{"bytes a message, delivered and acknowledged", {}, {}},
                      {"bytes a message, cancelled after that", {}, goal}},
                     [effort] { return bytes_of_messages(effort); }};
}

}  // namespace

std::vector<comparison_part> memory_parts() {
  return {{"memory/run", run_sides},
          part_of("wake", 1'000, make_wakes),
          {"memory/message", message_sides},
          part_of("member", 400, make_members)};
}

}  // namespace agentpool::tools
