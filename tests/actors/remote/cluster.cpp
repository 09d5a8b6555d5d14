#include "actors/remote/cluster.hpp"

#include <algorithm>
#include <caf/actor_clock.hpp>
#include <stdexcept>

namespace agentpool::testing {

/// Wall time, the same in every process.
class cluster::wall_clock final : public core::clock {
 public:
  [[nodiscard]] core::instant now() const override {
    return core::from_millis(1'800'000'000'000) +
           std::chrono::duration_cast<std::chrono::milliseconds>(since);
  }
  std::chrono::nanoseconds since{0};
};

cluster::cluster(std::uint64_t seed) : clock_{std::make_shared<wall_clock>()}, chance_{seed} {}

cluster::~cluster() {
  for (auto& [name, process] : processes_) net.die(name);
  for (auto& [name, process] : processes_) {
    if (process.node) process.node->close(0ms);
    process.node.reset();
    process.client.reset();
    process.engine.reset();
  }
}

caf::actor_system& cluster::process::system() {
  return client ? client->pools().system() : engine->system();
}

caf::scheduler::test_coordinator& cluster::process::steps() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system().scheduler());
}

void cluster::start_node(const std::string& name) {
  actors::engine_options options;
  options.clock = clock_;
  options.schedule = actors::scheduling::stepped;
  process made;
  made.engine = std::make_unique<actors::engine>(store(), options);
  auto& clock = made.steps().clock();
  made.steps().advance_time(clock_->since - clock.now().time_since_epoch());
  actors::remote::node_options with;
  with.name = name;
  with.limits = node_limits;
  with.clock = clock_;
  with.watch = watch;
  made.node = std::make_unique<actors::remote::node>(
      *made.engine, net.host(name, made.engine->system()), std::move(with));
  made.node->start([](const core::outcome<std::string>&) {});
  processes_.insert_or_assign(name, std::move(made));
}

void cluster::kill(const std::string& name) {
  net.die(name);
  auto gone = processes_.extract(name);
  gone.mapped().node->close(0ms);
  gone.mapped().node.reset();
  gone.mapped().engine.reset();
}

void cluster::kill_client(const std::string& name) {
  net.die(name);
  processes_.erase(name);
}

void cluster::freeze(const std::string& name, bool frozen) {
  auto& process = processes_.at(name);
  process.frozen = frozen;
  if (!frozen)
    process.steps().advance_time(clock_->since - process.steps().clock().now().time_since_epoch());
}

void cluster::stop_node(const std::string& name) {
  processes_.at(name).node->close(0ms);
  settle();
  kill(name);
}

actors::remote::client& cluster::start_client(const std::string& name,
                                              const std::vector<std::string>& nodes) {
  actors::remote::client_options with;
  for (const auto& node : nodes) with.nodes.push_back(node + ":7000");
  with.program = name;
  with.limits = client_limits;
  with.engine.clock = clock_;
  with.engine.schedule = actors::scheduling::stepped;
  with.network = [this, name](caf::actor_system& system) { return net.host(name, system); };
  with.make_token = [this] {
    std::string token(32, 'x');
    for (auto& letter : token) letter = static_cast<char>('a' + chance_() % 26);
    return token;
  };
  with.seed = chance_();
  process made;
  made.client = std::move(*actors::remote::client::make(std::move(with)));
  made.steps().advance_time(clock_->since - made.steps().clock().now().time_since_epoch());
  return *processes_.insert_or_assign(name, std::move(made)).first->second.client;
}

actors::remote::client& cluster::client(const std::string& name) {
  return *processes_.at(name).client;
}
actors::engine& cluster::node_engine(const std::string& name) {
  return *processes_.at(name).engine;
}
actors::remote::node& cluster::node(const std::string& name) { return *processes_.at(name).node; }

core::instant cluster::now() const { return clock_->now(); }

bool cluster::step() {
  std::vector<std::pair<process*, std::size_t>> choices;
  for (auto& [name, process] : processes_)
    for (std::size_t i = 0; !process.frozen && i < process.steps().jobs.size(); ++i)
      choices.emplace_back(&process, i);
  const auto arrivals = net.steps().size();
  if (choices.size() + arrivals == 0) return false;
  const auto pick = chance_() % (choices.size() + arrivals);
  if (pick >= choices.size()) {
    net.take(pick - choices.size());
    return true;
  }
  auto& jobs = choices[pick].first->steps().jobs;
  std::swap(jobs.front(), jobs[choices[pick].second]);
  choices[pick].first->steps().try_run_once();
  return true;
}

void cluster::settle() {
  while (step()) {
  }
}

void cluster::pass(std::chrono::milliseconds time) {
  settle();
  const auto until = clock_->since + time;
  while (clock_->since < until) {
    auto next = until;
    for (auto& [name, process] : processes_) {
      if (process.frozen) continue;
      const auto& pending = process.steps().clock().schedule();
      if (!pending.empty())
        next = std::min<std::chrono::nanoseconds>(next, pending.begin()->first.time_since_epoch());
    }
    next = std::max(next, clock_->since);
    clock_->since = next;
    for (auto& [name, process] : processes_)
      if (!process.frozen)
        process.steps().advance_time(next - process.steps().clock().now().time_since_epoch());
    settle();
  }
}

actors::pool_handle cluster::pool(const std::string& program) {
  return client(program).pools().pool(core::pool_id{"pool.test"});
}

core::outcome<core::answer> cluster::outcome_of(const std::string& program, core::command command,
                                                std::chrono::milliseconds most) {
  const auto kept = std::make_shared<std::vector<core::outcome<core::answer>>>();
  pool(program).submit(std::move(command), [kept](auto what) { kept->push_back(std::move(what)); });
  settle();
  for (auto waited = 0ms; kept->empty() && waited < most; waited += 100ms) pass(100ms);
  if (kept->empty()) throw std::runtime_error{"there is no answer"};
  return kept->front();
}

}  // namespace agentpool::testing
