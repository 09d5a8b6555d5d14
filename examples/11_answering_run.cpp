// A run in C++ that answers whoever writes to it, in a pool that others reach over HTTP or MCP:
// both stand on one SQLite file. Usage: 11_answering_run [FILE [POOL]]; with a file it waits for a
// question of others, without one it asks itself.

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/system_clock.hpp"
#include "agentpool/stores/sqlite.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

const core::run_id answerer{"run.answerer"};

/// Answers its first message; what the answer says is in the content store.
class answering : public actors::agent {
 public:
  explicit answering(core::content_ref answer) : answer_{std::move(answer)} {}

  void on_start(actors::run_context&) override { std::cout << "listening" << std::endl; }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    std::cout << "asked by " << entry.message.from.text() << std::endl;
    context.reply(entry, answer_);
    context.acknowledge(entry.sequence);
    context.finish();
  }

 private:
  core::content_ref answer_;
};

/// Asks the answerer, when nobody else does.
class asking : public actors::agent {
  void on_start(actors::run_context& context) override {
    actors::message_draft draft;
    draft.name = "the-question";
    draft.to = core::to_run{answerer};
    draft.content_ref = core::content_ref{"file:question.txt"};
    context.send(draft);
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    std::cout << "answered by " << entry.message.from.text() << std::endl;
    context.finish();
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bool alone = argc < 2;
  const std::string file = alone ? "answers.sqlite" : argv[1];
  const core::pool_id pool{argc > 2 ? argv[2] : "pool.talk"};
  const actors::system_clock clock;
  auto store = stores::open_sqlite(file, clock);
  if (!store) return 1;
  actors::engine engine{std::move(*store)};
  const auto answer = engine.put_content("forty-two, says a run in C++");
  if (!answer || !engine.open_pool(pool)) return 1;
  const core::agent_id answers{"agent.answerer"};
  engine.register_agent(answers, [&](auto&) { return std::make_unique<answering>(*answer); });
  const auto run = engine.start_run({pool, answerer, answers});
  if (!run) return 1;
  if (alone) {
    const core::agent_id asks{"agent.asker"};
    engine.register_agent(asks, [](auto&) { return std::make_unique<asking>(); });
    const auto other = engine.start_run({pool, core::run_id{"run.asker"}, asks});
    if (!other || other->wait(60s) != actors::run_status::completed) return 1;
  }
  return run->wait(300s) == actors::run_status::completed ? 0 : 1;
}
