// Swarms that send messages: chat, fan, pipeline.
#include <set>

#include "swarm.hpp"
#include "workloads.hpp"

namespace agentpool::sim::swarm {

namespace {

constexpr const char* room = "topic.room";

/// What every other chatter may read.
core::policy_ref secret() {
  core::policy_ref made;
  made.kind = core::policy_kind::permission;
  made.id = core::policy_id{"policy.secret"};
  return made;
}

/// Says something to the room, answers what is said to it directly, leaves after a while if its
/// number is odd.
class chatter final : public actors::agent {
 public:
  chatter(core::run_id run, std::uint64_t number, std::uint64_t messages, std::uint64_t runs)
      : run_{std::move(run)}, number_{number}, messages_{messages}, runs_{runs} {}

  void on_start(actors::run_context& context) override {
    for (std::uint64_t i = 0; i < messages_; ++i) {
      auto says = draft("say." + std::to_string(i), core::to_topic{core::topic_id{room}});
      if (i % 4 == 1) says.to = core::to_pool{pool()};
      if (i % 4 == 2) says.policy_refs = {secret()};
      send_surely(context, says);
    }
  }

  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    ++heard_;
    const bool answers = !entry.message.reply_to && entry.message.from != run_;
    const bool is_next = entry.sequence % runs_ == number_;
    if (answers && is_next) reply_surely(context, entry);
    acknowledge(context, entry.sequence);
    if (number_ % 2 == 1 && heard_ >= messages_ * (number_ + 1)) context.finish();
  }

 private:
  core::run_id run_;
  std::uint64_t number_;
  std::uint64_t messages_;
  std::uint64_t runs_;
  std::uint64_t heard_ = 0;
};

/// Gives every worker tasks, waits for the answers, ends.
class lead final : public actors::agent {
 public:
  lead(const core::run_id&, workload_size size) : size_{size} {}

  void on_start(actors::run_context& context) override {
    for (std::uint64_t i = 0; i < sends_at_once; ++i) give_next(context);
  }

  // Acknowledged only when all are there: a later life has to know them too.
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    if (entry.message.reply_to) answered_.insert(*entry.message.reply_to);
    if (answered_.size() < size_.runs * size_.messages) return;
    acknowledge(context, entry.sequence);
    context.finish();
  }

 private:
  static constexpr std::uint64_t sends_at_once = 256;

  void give_next(actors::run_context& context) {
    if (given_ >= size_.runs * size_.messages) return;
    const auto task = given_++;
    auto what =
        draft("task." + std::to_string(task), core::to_run{run_named("worker", task % size_.runs)});
    what.response_contract = core::response_contract{1, 60'000};
    send_surely(context, what, [this](actors::run_context& next) { give_next(next); });
  }

  workload_size size_;
  std::uint64_t given_ = 0;
  std::set<core::message_id> answered_;
};

class worker final : public actors::agent {
 public:
  explicit worker(const core::run_id&) {}
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    const auto sequence = entry.sequence;
    if (!entry.message.response_contract) return acknowledge(context, sequence);
    reply_surely(context, entry,
                 [sequence](actors::run_context& next) { acknowledge(next, sequence); });
  }
};

/// Passes what it gets on to the next stage; acknowledges what was passed on.
class stage final : public actors::agent {
 public:
  stage(const core::run_id&, std::uint64_t number, workload_size size)
      : number_{number}, size_{size} {}

  void on_start(actors::run_context& context) override {
    if (number_ > 0) return;
    for (std::uint64_t item = 0; item < size_.messages; ++item)
      send_surely(context, to_next("item." + std::to_string(item)));
  }

  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    const auto sequence = entry.sequence;
    if (number_ + 1 >= size_.runs) return acknowledge(context, sequence);
    send_surely(context, to_next("of." + entry.message.message_id.text()),
                [sequence](actors::run_context& next) { acknowledge(next, sequence); });
  }

 private:
  [[nodiscard]] actors::message_draft to_next(std::string name) const {
    return draft(std::move(name), core::to_run{run_named("stage", number_ + 1)});
  }

  std::uint64_t number_;
  workload_size size_;
};

}  // namespace

void chat(world& at, const workload_size& size) {
  if (!at.open(pool())) return;
  for (std::uint64_t i = 0; i < size.runs; ++i) {
    const auto agent = "chatter." + std::to_string(i);
    register_as<chatter>(at, agent, i, size.messages, size.runs);
    actors::run_request run{pool(), run_named("chatter", i), agent_named(agent), {}, {}};
    run.topics = {core::topic_id{room}};
    if (i % 2 == 0) run.policy_refs = {secret()};
    at.start_run(std::move(run));
  }
}

void fan(world& at, const workload_size& size) {
  if (!at.open(pool())) return;
  register_as<worker>(at, "worker");
  register_as<lead>(at, "lead", size);
  for (std::uint64_t i = 0; i < size.runs; ++i)
    at.start_run({pool(), run_named("worker", i), agent_named("worker"), {}, {}});
  at.after(std::chrono::milliseconds{1}, [&at] {
    at.start_run({pool(), run_named("lead"), agent_named("lead"), {}, {}});
  });
}

void pipeline(world& at, const workload_size& size) {
  if (!at.open(pool())) return;
  for (std::uint64_t i = size.runs; i-- > 0;) {
    const auto agent = "stage." + std::to_string(i);
    register_as<stage>(at, agent, i, size);
    at.after(std::chrono::milliseconds{size.runs - i}, [&at, i, agent] {
      at.start_run({pool(), run_named("stage", i), agent_named(agent), {}, {}});
    });
  }
}

}  // namespace agentpool::sim::swarm
