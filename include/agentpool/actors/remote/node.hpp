#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/network.hpp"
#include "agentpool/actors/remote/node_limits.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/time.hpp"

/// Pools for programs on other machines. docs/nodes.md describes what nodes and programs tell each
/// other, docs/deployment.md how to run nodes.
namespace agentpool::actors::remote {

/// How a node is set up.
struct node_options {
  std::string listen = "127.0.0.1:0";
  std::string advertise = {};  ///< Where programs reach it; empty: where it listens.
  std::string name = {};       ///< Its own among the nodes of the store; empty: `advertise`.
  node_limits limits = {};
  std::shared_ptr<const core::clock> clock = {};  ///< Null: the machine's.
  std::shared_ptr<actor_watch> watch = {};        ///< Sees the node's actors; null: nobody does.
};

/// Hosts the pools of an engine's store for programs that connect, together with the other nodes
/// on that store. The engine outlives it; its limits should hold requests (`beyond_limit::hold`),
/// since what many programs ask at once is much and each of them is bounded. Safe to use from any
/// thread.
class node {
 public:
  node(engine& of, std::shared_ptr<network> over, node_options options);
  /// Closes.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Listens, and joins the nodes of the store: `then` is called once programs can be served, with
  /// the endpoint. Host configuration needed: the endpoint cannot be listened on.
  void start(callback<std::string> then);
  /// The same, waiting.
  [[nodiscard]] core::outcome<std::string> start();

  /// How many acts for runs by whom they are not were refused.
  [[nodiscard]] std::uint64_t refused() const;

  /// Tells the programs, and the other nodes that its pools are free. With threads it waits until
  /// that is done, at most `most`. Closing twice does nothing.
  void close(std::chrono::milliseconds most = std::chrono::seconds{5});

 private:
  class parts;
  std::shared_ptr<parts> parts_;
};

}  // namespace agentpool::actors::remote
