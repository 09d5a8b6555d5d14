#include <algorithm>
#include <map>
#include <string>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class bounds_check final : public check {
 public:
  bounds_check() : check{"bounds"} {}

  void on_delivered(const run_life& run, const core::inbox_entry&) override {
    const auto waiting = world().entries_waiting(run.id);
    if (waiting > world().limits().run_window)
      violated(run.id.text() + " was handed " + std::to_string(waiting) +
               " entries ahead, and its window is " + std::to_string(world().limits().run_window));
  }

  void on_asked(const request_seen& asked) override {
    if (asked.waits) return;
    auto& open = open_[{asked.where, asked.pool}];
    if (++open > world().limits().requests_max)
      violated(asked.pool.text() + " took " + std::to_string(open) +
               " requests that are not answered, and requests_max is " +
               std::to_string(world().limits().requests_max));
  }
  void on_answered(const request_seen& asked, const core::outcome<core::answer>&) override {
    if (!asked.waits) --open_[{asked.where, asked.pool}];
  }

  void on_step() override {
    using actors::actor_role;
    for (std::size_t engine = 0; engine < world().sites(); ++engine) {
      look(engine, actor_role::pool, "a pool", pool_most());
      look(engine, actor_role::journal, "a journal", journal_most());
      look(engine, actor_role::store, "the store", store_most());
    }
  }

 private:
  /// Messages that the engine sends itself besides what is bounded: timers, looks, credit.
  static constexpr std::size_t spare = 16;

  void look(std::size_t engine, actors::actor_role role, const char* whose, std::size_t most) {
    const auto longest = world().longest_mailbox(engine, role);
    if (longest <= most) return;
    violated("the mailbox of " + std::string{whose} + " of engine " + std::to_string(engine) +
             " held " + std::to_string(longest) + " messages, and may hold " +
             std::to_string(most));
  }

  /// What is let in, what comes back from the store, and that runs are ready or gone.
  [[nodiscard]] std::size_t pool_most() const {
    const auto& limits = world().limits();
    return limits.requests_max + limits.appends_max + 2 * runs() + spare;
  }
  [[nodiscard]] std::size_t journal_most() const {
    const auto& limits = world().limits();
    return limits.journal_window + limits.in_flight_max + limits.streams_max + spare;
  }
  /// Of each pool its appends, and besides a page, a checkpoint, a look for what is old. At a node
  /// each run's seat may be read.
  [[nodiscard]] std::size_t store_most() const {
    const auto seats = world().sites() > world().engines() ? 2 * runs() + spare : 0;
    return pools() * (world().limits().appends_max + spare + seats);
  }
  [[nodiscard]] std::size_t pools() const {
    return std::max<std::size_t>(1, world().ledgers().size());
  }
  [[nodiscard]] std::size_t runs() const { return world().count_runs(); }

  std::map<std::pair<engine_life, core::pool_id>, std::size_t> open_;
};

}  // namespace

std::unique_ptr<check> bounds() { return std::make_unique<bounds_check>(); }

}  // namespace agentpool::sim::checks
