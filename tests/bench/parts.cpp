// The pieces that a send is made of, one by one, without actors and stores.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/filter.hpp"
#include "agentpool/core/json.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/core/projection.hpp"
#include "tools/bench_kit.hpp"

using namespace agentpool;

namespace {

const core::instant now = core::from_millis(1'767'225'600'000);

/// A pool without a store, in which what is decided holds at once.
class bare_pool {
 public:
  bare_pool() {
    ask(core::open_pool{});
    for (const auto& run : {tools::bench_sender(), tools::bench_receiver()})
      ask(core::join_run{tools::bench_member(run)});
  }

  /// The decision, which must be one.
  [[nodiscard]] core::decision decide(const core::command& command) const {
    return std::get<core::decision>(pool_.decide(command, now));
  }

  /// Decides and goes on from there; what that publishes.
  std::vector<core::published> ask(const core::command& command) {
    auto events = pool_.try_out(decide(command));
    pool_.settle();
    return events;
  }

  /// Wakes of the receiver, each for the messages of a run that never sends.
  void register_wakes(std::uint64_t count) {
    for (std::uint64_t number = 0; number < count; ++number)
      ask(core::suspend_until{tools::bench_receiver(),
                              tools::message_wake(tools::bench_receiver(), number,
                                                  tools::numbered_run("run.silent", number))});
  }

 private:
  core::pool pool_{core::pool_id{"pool.bench"}};
};

core::command a_send(std::uint64_t number) {
  return core::send_message{tools::bench_message(number)};
}

/// The record that delivers a message.
core::store_payload a_record() {
  return bare_pool{}.decide(a_send(tools::first_number)).entries.back()->record()->payload;
}

/// The event of a delivered message.
core::agent_event an_event() {
  bare_pool pool;
  return core::project_event(core::pool_id{"pool.bench"},
                             pool.ask(a_send(tools::first_number)).back());
}

void encode_record(benchmark::State& state) {
  const auto record = a_record();
  std::size_t bytes = 0;
  for (auto _ : state) bytes += core::to_json(record).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(encode_record);

void decode_record(benchmark::State& state) {
  const auto text = core::to_json(a_record());
  for (auto _ : state) benchmark::DoNotOptimize(core::from_json<core::store_payload>(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(decode_record);

/// The same text by the library that tests use, for comparison.
void parse_and_dump_by_nlohmann(benchmark::State& state) {
  const auto text = core::to_json(a_record());
  for (auto _ : state) benchmark::DoNotOptimize(nlohmann::ordered_json::parse(text).dump());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(parse_and_dump_by_nlohmann);

/// Deciding alone: the pool does not change.
void decide_a_send(benchmark::State& state) {
  const bare_pool pool;
  const auto send = a_send(tools::first_number);
  for (auto _ : state) benchmark::DoNotOptimize(pool.decide(send));
}
BENCHMARK(decide_a_send);

/// Making the message, deciding, applying and settling: what a pool actor does for each send.
void decide_and_apply_a_send(benchmark::State& state) {
  bare_pool pool;
  std::uint64_t number = tools::first_number;
  for (auto _ : state) benchmark::DoNotOptimize(pool.ask(a_send(++number)));
}
BENCHMARK(decide_and_apply_a_send);

/// Deciding a send that wakes nobody, beside so many registered wakes.
void decide_beside_wakes(benchmark::State& state) {
  bare_pool pool;
  pool.register_wakes(static_cast<std::uint64_t>(state.range(0)));
  const auto send = a_send(tools::first_number);
  for (auto _ : state) benchmark::DoNotOptimize(pool.decide(send));
}
BENCHMARK(decide_beside_wakes)->Arg(1)->Arg(1'000)->Arg(100'000);

void project_an_event(benchmark::State& state) {
  bare_pool pool;
  const auto published = pool.ask(a_send(tools::first_number)).back();
  const core::pool_id id{"pool.bench"};
  for (auto _ : state) benchmark::DoNotOptimize(core::project_event(id, published));
}
BENCHMARK(project_an_event);

void match_a_filter(benchmark::State& state) {
  const auto event = an_event();
  const auto filter = tools::message_wake(tools::bench_receiver(), 0, tools::bench_sender()).filter;
  if (!core::matches(filter, event.envelope)) state.SkipWithError("the filter does not match");
  for (auto _ : state) benchmark::DoNotOptimize(core::matches(filter, event.envelope));
}
BENCHMARK(match_a_filter);

void compile_a_filter(benchmark::State& state) {
  const auto filter = tools::message_wake(tools::bench_receiver(), 0, tools::bench_sender()).filter;
  for (auto _ : state) benchmark::DoNotOptimize(core::compile(filter));
}
BENCHMARK(compile_a_filter);

}  // namespace

BENCHMARK_MAIN();
