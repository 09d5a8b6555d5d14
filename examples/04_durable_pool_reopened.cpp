// A pool in a file: what was acknowledged is there after the program that did it has gone.

#include <iostream>
#include <memory>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/system_clock.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/stores/sqlite.hpp"

using namespace agentpool;

namespace {

const core::pool_id post_office{"pool.post"};
const core::run_id sender{"run.sender"};
const core::run_id receiver{"run.receiver"};

core::run_message letter() {
  core::run_message message;
  message.message_id = core::message_id{"message.letter"};
  message.idempotency_key = core::idempotency_key{"letter-of-monday"};
  message.from = sender;
  message.to = core::address_of(core::to_run{receiver});
  message.content_ref = core::content_ref{"file:letter.txt"};
  return message;
}

/// One life of a program that sends the letter and looks into the inbox. It cannot know whether
/// an earlier life got as far, so it does all of it again: repeating is safe.
bool live(const std::string& file, bool acknowledge) {
  const actors::system_clock clock;
  auto store = stores::open_sqlite(file, clock);
  if (!store) return false;
  actors::engine engine{std::move(*store)};
  // The first time this opens the pool; later it reads the log and finds it as it was.
  const auto pool = engine.open_pool(post_office);
  if (!pool) return false;
  for (const auto& run : {sender, receiver})
    if (!pool->join({run, core::agent_id{"agent.post"}, {}, {}})) return false;

  // The key tells a repetition from a second letter.
  const auto receipt = pool->send(letter());
  const auto inbox = pool->inbox({receiver, {}, 10});
  const auto snapshot = pool->snapshot();
  if (!receipt || !inbox || !snapshot) return false;
  std::cout << "messages in the pool: " << snapshot->messages.size()
            << ", not yet acknowledged: " << inbox->size() << std::endl;
  if (acknowledge) return pool->ack_inbox(receiver, inbox->back().sequence).ok();
  return true;
}

}  // namespace

int main() {
  const std::string file = "post.sqlite";
  // Each life has an engine of its own and shares nothing with the others but the file. Ended by
  // `kill -9` instead of by the end of its scope, it would leave the same behind.
  if (!live(file, false)) return 1;  // Sends, and ends before it has acknowledged.
  if (!live(file, true)) return 1;   // Sends nothing new, and acknowledges.
  if (!live(file, false)) return 1;  // Finds nothing left to do.
  return 0;
}
