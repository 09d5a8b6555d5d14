#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace agentpool::tests {

/// Hosts of their own in network namespaces, joined by a bridge in another one.
class host_network {
 public:
  /// Why it cannot be made here; none when it can.
  [[nodiscard]] static std::optional<std::string> missing();

  /// Makes that many hosts; throws when it cannot.
  explicit host_network(std::size_t hosts);
  ~host_network();
  host_network(const host_network&) = delete;
  host_network& operator=(const host_network&) = delete;

  [[nodiscard]] std::string address(std::size_t host) const;
  /// What to put before a command so that it runs on that host.
  [[nodiscard]] std::vector<std::string> prefix(std::size_t host) const;
  /// Takes the host's cable out, or puts it back.
  void cable(std::size_t host, bool in);

 private:
  [[nodiscard]] std::string name(std::size_t host) const;
  std::string stem_;
  std::size_t hosts_ = 0;
};

/// How nodes and programs of a test are started.
struct fleet_setup {
  std::string store;  ///< As the command line names it.
  std::size_t nodes = 3;
  std::size_t programs = 3;
  int runs = 333;                                 ///< Of each program.
  std::chrono::milliseconds pace{2'000};          ///< Between two sends of a run, on average.
  std::vector<std::string> security = {};         ///< Arguments of nodes.
  std::vector<std::string> client_security = {};  ///< Of programs, in the order of nodes_swarm.
};

/// Nodes on one store and programs of a swarm, all as processes of their own.
class fleet {
 public:
  /// On hosts of `network`, one node and one program each, where there is one; else on loopback.
  fleet(fleet_setup setup, host_network* network);

  void start_node(std::size_t number);
  void kill_node(std::size_t number);
  /// SIGSTOP, and on with SIGCONT.
  void freeze_node(std::size_t number, bool frozen);
  [[nodiscard]] bool runs_node(std::size_t number) const { return nodes_[number] != nullptr; }
  [[nodiscard]] const std::string& endpoint(std::size_t number) const { return endpoints_[number]; }

  void start_programs();
  /// Lets that long pass, in which the programs go on.
  void pass(std::chrono::milliseconds time);
  /// Tells every program and waits for an answer that begins so; its words.
  [[nodiscard]] std::vector<std::vector<std::string>> tell(const std::string& order,
                                                           const std::string& answer,
                                                           std::chrono::milliseconds within);
  /// How programs and nodes are, for who wonders why nothing goes on.
  [[nodiscard]] std::string explain();
  /// The files in which the programs note what they see.
  [[nodiscard]] std::vector<std::string> files() const;
  /// What the nodes wrote to standard error so far, if anything.
  [[nodiscard]] const std::string& complaints() const { return complaints_; }

 private:
  [[nodiscard]] support::command_line on_host(std::size_t host, const std::string& program,
                                              std::vector<std::string> arguments) const;
  [[nodiscard]] std::string prefix(std::size_t program) const;

  fleet_setup setup_;
  host_network* network_;
  support::temporary_directory folder_;
  std::vector<std::unique_ptr<support::process>> nodes_;
  std::vector<std::string> endpoints_;
  std::vector<std::unique_ptr<support::process>> programs_;
  std::string complaints_;
};

}  // namespace agentpool::tests
