#include <vector>

#include "actors/scripted_world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// Remembers what it is told.
class listener final : public actors::agent {
 public:
  explicit listener(std::vector<std::uint64_t>& heard) : heard_{heard} {}
  void on_message(actors::run_context&, const core::inbox_entry& entry) override {
    heard_.push_back(entry.sequence);
  }

 private:
  std::vector<std::uint64_t>& heard_;
};

}  // namespace

TEST_CASE("a run gets its whole inbox although reading it failed for a while") {
  actors::engine_options options;
  options.pool_limits.recent_records = 2;
  scripted_world world{1, options};
  auto& at = world.at;
  at.open({"host", "a"});
  for (int i = 0; i < 5; ++i)
    at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "host", "a")});
  std::vector<std::uint64_t> heard;
  at.engine.register_agent(core::agent_id{"agent.a"},
                           [&](const core::run_id&) { return std::make_unique<listener>(heard); });
  world.does->fetches_to_fail = 3;
  at.engine.start_run({at.pool().id(), core::run_id{"run.a"}, core::agent_id{"agent.a"}, {}, {}},
                      inbox_of<actors::run_handle>{}.take());
  at.settle();
  CHECK(heard.empty());
  at.pass(1s);
  CHECK(heard.size() == 5);
  CHECK(world.does->fetches_to_fail == 0);
}
