// Swarms whose runs come and go, and callers that repeat themselves.
#include "swarm.hpp"
#include "workloads.hpp"

namespace agentpool::sim::swarm {

namespace {

using std::chrono::milliseconds;

/// Ends with its second message.
class guest final : public actors::agent {
 public:
  explicit guest(const core::run_id&) {}
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    acknowledge(context, entry.sequence);
    if (++got_ == 2) context.finish();
  }

 private:
  int got_ = 0;
};

/// Answers what asks for it.
class clerk final : public actors::agent {
 public:
  explicit clerk(const core::run_id&) {}
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    if (entry.message.response_contract) reply_surely(context, entry);
    acknowledge(context, entry.sequence);
  }
};

core::run_message message_of(const std::string& name, const core::run_address_target& to) {
  core::run_message message;
  message.message_id = core::message_id{"message." + name};
  message.idempotency_key = core::idempotency_key{"key." + name};
  message.from = run_named("host");
  message.to = core::address_of(to);
  message.content_ref = core::content_ref{"content.sim"};
  return message;
}

void host_joins(world& at) {
  at.ask(pool(), core::join_run{{run_named("host"), agent_named("host"), {}, {}}});
  at.run_for(milliseconds{1});
}

}  // namespace

void churn(world& at, const workload_size& size) {
  if (!at.open(pool())) return;
  host_joins(at);
  register_as<guest>(at, "guest");
  for (std::uint64_t i = 0; i < size.runs * size.messages; ++i) {
    const milliseconds when{at.draws().below(40 * size.messages)};
    at.after(when, [&at, i] {
      at.start_run({pool(), run_named("guest", i), agent_named("guest"), {}, {}});
    });
    at.after(milliseconds{at.draws().below(40 * size.messages)}, [&at, i] {
      at.ask(
          pool(),
          core::send_message{message_of(std::to_string(i), core::to_agent{agent_named("guest")})},
          {}, i % at.view().engines());
    });
  }
}

void retries(world& at, const workload_size& size) {
  if (!at.open(pool())) return;
  host_joins(at);
  register_as<clerk>(at, "clerk");
  for (std::uint64_t i = 0; i < size.runs; ++i)
    at.start_run({pool(), run_named("clerk", i), agent_named("clerk"), {}, {}});
  const auto start = core::to_millis(at.view().wall(0));
  for (std::uint64_t i = 0; i < size.runs * size.messages; ++i) {
    auto message = message_of(std::to_string(i), core::to_run{run_named("clerk", i % size.runs)});
    if (i % 3 != 0) message.response_contract = core::response_contract{1, 500};
    if (i % 4 == 1) message.expires_at_millis = start + at.draws().below(30 * size.messages);
    const auto times = at.draws().between(1, 3);
    for (std::uint64_t again = 0; again < times; ++again) {
      const auto engine = at.draws().below(at.view().engines());
      at.after(milliseconds{at.draws().below(30 * size.messages)},
               [&at, message, engine] { at.ask(pool(), core::send_message{message}, {}, engine); });
    }
    if (i % 5 == 4)
      at.after(milliseconds{at.draws().below(40 * size.messages)},
               [&at, id = message.message_id] { at.ask(pool(), core::cancel_message{id}); });
  }
}

}  // namespace agentpool::sim::swarm
