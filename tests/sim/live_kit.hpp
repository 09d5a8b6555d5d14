// A live engine that is recorded, for tests.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/sim/trace.hpp"
#include "agentpool/sim/trace_recorder.hpp"
#include "agentpool/stores/memory.hpp"
#include "kit.hpp"

namespace agentpool::testing {

/// An engine on threads, its store in memory, and what its recorder wrote.
class recorded_engine {
 public:
  explicit recorded_engine(sim::recorder_options options = {}) {
    if (!options.write) options.write = [this](std::string_view more) { return take(more); };
    if (!options.elapsed)
      options.elapsed = [start = std::chrono::steady_clock::now()] {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                             start);
      };
    recorder = std::make_shared<sim::trace_recorder>(std::move(options));
    actors::engine_options made;
    made.watch = recorder;
    engine = std::make_unique<actors::engine>(std::make_unique<stores::memory_store>(), made);
  }

  core::outcome<void> take(std::string_view more) {
    text += more;
    return {};
  }

  /// Ends the engine and the recording.
  core::outcome<void> close() {
    engine->close();
    return recorder->close();
  }

  /// The whole trace; closes.
  sim::trace trace() {
    const auto closed = close();
    if (!closed) throw std::runtime_error{closed.error().message};
    auto read = sim::read_trace(text, "live");
    if (!read) throw std::runtime_error{read.error().message};
    return std::move(*read);
  }

  void register_agent(const std::string& name, std::function<void(scripted_agent&)> fill) {
    engine->register_agent(core::agent_id{"agent." + name},
                           [fill = std::move(fill)](const core::run_id&) {
                             auto made = std::make_unique<scripted_agent>();
                             fill(*made);
                             return made;
                           });
  }
  actors::run_handle start(const std::string& name) {
    auto started = engine->start_run(
        {pool(), core::run_id{"run." + name}, core::agent_id{"agent." + name}, {}, {}});
    if (!started) throw std::runtime_error{started.error().message};
    return std::move(*started);
  }

  std::string text;
  std::shared_ptr<sim::trace_recorder> recorder;
  std::unique_ptr<actors::engine> engine;
};

/// `run.ping` sends to `run.pong`, which answers, `rounds` times each; until both have ended.
inline void talk(recorded_engine& at, int rounds) {
  if (!at.engine->open_pool(pool())) throw std::runtime_error{"cannot open the pool"};
  at.register_agent("pong", [rounds](scripted_agent& agent) {
    agent.message = [rounds, seen = 0](actors::run_context& context,
                                       const core::inbox_entry& entry) mutable {
      context.reply(entry, core::content_ref{"content.pong"});
      context.acknowledge(entry.sequence);
      if (++seen == rounds) context.finish();
    };
  });
  at.register_agent("ping", [rounds](scripted_agent& agent) {
    agent.start = [](actors::run_context& context) { context.send(draft("0", "pong")); };
    agent.message = [rounds, sent = 1](actors::run_context& context,
                                       const core::inbox_entry& entry) mutable {
      context.acknowledge(entry.sequence);
      if (sent == rounds) return context.finish();
      context.send(draft(std::to_string(sent++), "pong"));
    };
  });
  const auto pong = at.start("pong");
  const auto ping = at.start("ping");
  for (const auto& run : {ping, pong})
    if (run.wait(std::chrono::minutes{1}) != actors::run_status::completed)
      throw std::runtime_error{"a run did not complete"};
}

/// A message of its own from nobody in particular, which need not be delivered.
inline core::run_message message_from_outside(const std::string& name, const std::string& from,
                                              const std::string& to) {
  core::run_message made;
  made.message_id = core::message_id{"message." + name};
  made.from = core::run_id{"run." + from};
  made.to = core::address_of(core::to_run{core::run_id{"run." + to}});
  made.content_ref = core::content_ref{"content." + name};
  made.idempotency_key = core::idempotency_key{"key." + name};
  return made;
}

}  // namespace agentpool::testing
