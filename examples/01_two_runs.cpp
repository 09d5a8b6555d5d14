// Two runs in one pool: one asks, the other answers.

#include <chrono>
#include <iostream>
#include <memory>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"

using namespace agentpool;

namespace {

const core::run_id reader{"run.reader"};

// An agent is a class of yours. The engine calls it for one thing at a time and it acts through
// its context; it never sees threads, actors or the store.
class editor : public actors::agent {
 public:
  void on_start(actors::run_context& context) override {
    actors::message_draft draft;
    // A name tells this message from the run's others. Ids and keys derive from it: a run that
    // is started again says the same thing by the same name, and it is sent only once.
    draft.name = "review-chapter-1";
    draft.to = core::to_run{reader};
    // Bodies stay outside: a message says where its content is.
    draft.content_ref = core::content_ref{"file:chapter-1.txt"};
    context.send(draft);
  }

  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    std::cout << "editor: the answer is in " << entry.message.content_ref.text() << std::endl;
    context.acknowledge(entry.sequence);
    context.finish();
  }
};

class proofreader : public actors::agent {
 public:
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    std::cout << "reader: reads " << entry.message.content_ref.text() << std::endl;
    context.reply(entry, core::content_ref{"file:chapter-1.notes.txt"});
    // Acknowledged after having acted: a reader that is killed before gets the message again.
    context.acknowledge(entry.sequence);
    context.finish();
  }
};

}  // namespace

int main() {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const core::pool_id pool{"pool.book"};
  if (!engine.open_pool(pool)) return 1;

  const core::agent_id edits{"agent.editor"};
  const core::agent_id reads{"agent.proofreader"};
  engine.register_agent(edits, [](const core::run_id&) { return std::make_unique<editor>(); });
  engine.register_agent(reads, [](const core::run_id&) { return std::make_unique<proofreader>(); });

  // Who is to receive has to be a member before something is sent to it.
  const auto second = engine.start_run({pool, reader, reads});
  const auto first = engine.start_run({pool, core::run_id{"run.editor"}, edits});
  if (!first || !second) return 1;

  const bool done = first->wait(std::chrono::seconds{10}) == actors::run_status::completed &&
                    second->wait(std::chrono::seconds{10}) == actors::run_status::completed;
  std::cout << (done ? "both runs completed" : "something went wrong") << std::endl;
  return done ? 0 : 1;
}
