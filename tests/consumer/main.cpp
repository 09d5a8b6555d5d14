// What somebody else builds on the installed package: one engine, one agent, one message to itself.
#include <agentpool/actors/agent.hpp>
#include <agentpool/actors/engine.hpp>
#include <agentpool/actors/system_clock.hpp>
#include <agentpool/stores/sqlite.hpp>

#include <chrono>
#include <iostream>
#include <memory>
#include <utility>

namespace actors = agentpool::actors;
namespace core = agentpool::core;

class echo : public actors::agent {
 public:
  void on_start(actors::run_context& context) override {
    actors::message_draft draft;
    draft.name = "note-to-self";
    draft.to = core::to_run{core::run_id{"run.echo"}};
    draft.content_ref = core::content_ref{"file:note.txt"};
    context.send(draft);
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    context.acknowledge(entry.sequence);
    context.finish();
  }
};

int main() {
  const actors::system_clock clock;
  auto store = agentpool::stores::open_sqlite("consumer.sqlite", clock);
  if (!store) return 1;
  actors::engine engine{std::move(*store)};
  const core::pool_id pool{"pool.consumer"};
  const core::agent_id echoes{"agent.echo"};
  engine.register_agent(echoes, [](const core::run_id&) { return std::make_unique<echo>(); });
  const auto opened = engine.open_pool(pool);
  if (!opened) return 1;
  const auto run = engine.start_run({pool, core::run_id{"run.echo"}, echoes});
  if (!run || run->wait(std::chrono::seconds{60}) != actors::run_status::completed) return 1;
  const auto snapshot = opened->snapshot();
  if (!snapshot || snapshot->messages.size() != 1) return 1;
  std::cout << "one message sent and received\n";
}
