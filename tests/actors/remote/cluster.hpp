#pragma once

#include <caf/actor_system.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/node.hpp"
#include "agentpool/sim/network.hpp"
#include "agentpool/stores/memory.hpp"

namespace agentpool::testing {

using namespace std::chrono_literals;

/// Nodes on one store and programs that reach them, in one thread and virtual time: a seed picks
/// what happens next.
class cluster {
 public:
  explicit cluster(std::uint64_t seed = 1);
  ~cluster();

  sim::network net;
  actors::remote::node_limits node_limits;
  actors::remote::client_limits client_limits;
  std::shared_ptr<actors::actor_watch> watch;  ///< Of the actors of nodes started from then on.

  /// Starts a node on that host; programs reach it at "NAME:7000".
  void start_node(const std::string& name);
  /// Its process is no more, from one moment to the next.
  void kill(const std::string& name);
  void kill_client(const std::string& name);
  /// While frozen the process does nothing; time passes for the others.
  void freeze(const std::string& name, bool frozen);
  /// It ends as it should.
  void stop_node(const std::string& name);
  /// Starts a program on that host that asks these nodes first.
  actors::remote::client& start_client(const std::string& name,
                                       const std::vector<std::string>& nodes);
  [[nodiscard]] actors::remote::client& client(const std::string& name);
  [[nodiscard]] actors::engine& node_engine(const std::string& name);
  [[nodiscard]] actors::remote::node& node(const std::string& name);

  /// Lets everybody act until nobody has anything to do; no time passes.
  void settle();
  void steps(int count) {
    while (count-- > 0 && step()) {
    }
  }
  /// Lets time pass, and everybody act meanwhile.
  void pass(std::chrono::milliseconds time);
  [[nodiscard]] core::instant now() const;

  /// What the pool answers to a program, once everything has settled, within `most`.
  template <class Answer>
  Answer ask(const std::string& program, core::command command,
             std::chrono::milliseconds most = 60s) {
    auto what = outcome_of(program, std::move(command), most);
    if (!what) throw std::runtime_error{core::to_text(what.error())};
    return std::get<Answer>(std::move(*what));
  }
  core::outcome<core::answer> outcome_of(const std::string& program, core::command command,
                                         std::chrono::milliseconds most = 60s);
  [[nodiscard]] actors::pool_handle pool(const std::string& program);

  /// A further handle on the store that every node stands on.
  [[nodiscard]] std::unique_ptr<core::store_backend> store() const {
    return std::make_unique<stores::memory_store>(log_);
  }

 private:
  class wall_clock;
  struct process {
    std::unique_ptr<actors::engine> engine;
    std::unique_ptr<actors::remote::node> node;
    std::unique_ptr<actors::remote::client> client;
    bool frozen = false;
    [[nodiscard]] caf::actor_system& system();
    [[nodiscard]] caf::scheduler::test_coordinator& steps();
  };
  bool step();

  std::shared_ptr<stores::memory_log> log_ = std::make_shared<stores::memory_log>();
  std::shared_ptr<wall_clock> clock_;
  std::mt19937_64 chance_;
  std::map<std::string, process> processes_;
};

}  // namespace agentpool::testing
