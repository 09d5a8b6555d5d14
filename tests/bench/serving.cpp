// What counting and tracing cost a server, each beside the same without.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "tools/serve/desk_metrics.hpp"
#include "tools/serve/http_metrics.hpp"
#include "tools/serve/message_spans.hpp"

using namespace agentpool;

namespace {

/// Whoever answers to it hears nothing.
class nobody final : public tools::http_exchange {
 public:
  void answer(tools::http_response response) override { benchmark::DoNotOptimize(response.status); }
  std::shared_ptr<tools::http_stream> open(tools::http_response, std::string) override {
    return nullptr;
  }
  void when_gone(std::function<void()>) override {}
  void end_with(tools::ending&, tools::http_response) override {}
};

const core::answer receipt{
    core::message_receipt{core::message_id{"m"}, core::message_status::delivered, {}, {}}};

/// A callback that holds what one of the server's does.
actors::callback<core::answer> some_callback() {
  return [a = std::make_shared<int>(0), b = std::make_shared<int>(0)](
             const core::outcome<core::answer>& what) { benchmark::DoNotOptimize(what.ok()); };
}

void a_request(benchmark::State& state) {
  tools::metrics all;
  const auto watch = tools::count_route(all.registry(), "POST", "/rpc");
  const bool counted = state.range(0) != 0;
  for (auto _ : state) {
    std::shared_ptr<tools::http_exchange> exchange = std::make_shared<nobody>();
    if (counted) exchange = watch->handling(std::move(exchange));
    exchange->answer({200});
  }
}

void an_operation(benchmark::State& state) {
  tools::metrics all;
  const auto watch = tools::count_operations(all.registry());
  const core::command send{core::send_message{}};
  const bool counted = state.range(0) != 0;
  for (auto _ : state) {
    auto then = some_callback();
    if (counted) then = watch->asking(send, {}, std::move(then));
    then(receipt);
  }
}

void a_send(benchmark::State& state) {
  const auto watch = tools::trace_sends(
      {[](tools::trace_span span) { benchmark::DoNotOptimize(span.begin_nanos); },
       [] { return std::uint64_t{1}; }, tools::machine_random()});
  const core::pool_id pool{"pool.bench"};
  const bool traced = state.range(0) != 0;
  for (auto _ : state) {
    core::run_message message;
    message.message_id = core::message_id{"message.bench"};
    message.from = core::run_id{"run.bench"};
    auto then = some_callback();
    if (traced) then = watch->sending(pool, message, std::move(then));
    then(receipt);
  }
}

/// An append of 64 messages.
void an_append(benchmark::State& state) {
  constexpr std::size_t entries = 64;
  tools::metrics all;
  const auto watch = tools::count_appends(all.registry());
  auto entry = std::make_shared<core::log_entry>();
  core::message_recorded recorded;
  recorded.stored.receipt.status = core::message_status::delivered;
  entry->what = core::store_record{core::pool_id{"pool.bench"}, {}, recorded};
  std::vector<core::append_request> requests(1);
  requests.front().entries.assign(entries, entry);
  const std::vector<core::append_result> results(1);
  for (auto _ : state) watch->on_append(requests, &results, std::chrono::microseconds{50});
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * entries));
}

}  // namespace

BENCHMARK(a_request)->ArgName("counted")->Arg(0)->Arg(1);
BENCHMARK(an_operation)->ArgName("counted")->Arg(0)->Arg(1);
BENCHMARK(a_send)->ArgName("traced")->Arg(0)->Arg(1);
BENCHMARK(an_append);

BENCHMARK_MAIN();
