#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/ports.hpp"
#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/pool_source.hpp"

namespace agentpool::actors {

/// The pools of an engine that have actors, by id. One that was never opened is given back once it
/// has nothing to do, so that asking for ids that are no pools takes no room. Safe to use from any
/// thread.
class pool_ports : public std::enable_shared_from_this<pool_ports> {
 public:
  /// `source` is used until `close`.
  pool_ports(pool_source& source, const engine_limits& limits) : source_{source}, limits_{limits} {}

  /// The way to the pool, whose actors are made when it has none. One that answers with an error
  /// when there are too many, or once closed.
  [[nodiscard]] std::shared_ptr<pool_port> port(const core::pool_id& id);

  /// Sorted by id.
  [[nodiscard]] std::vector<std::shared_ptr<pool_port>> all() const;

  [[nodiscard]] bool closed() const;

  /// Gives the pools that were in use last; nothing the second time.
  [[nodiscard]] std::vector<std::shared_ptr<pool_port>> close();

 private:
  [[nodiscard]] std::shared_ptr<pool_port> make(const core::pool_id& id);
  [[nodiscard]] bool let_go(const core::pool_id& id);

  pool_source& source_;
  const engine_limits limits_;
  mutable std::mutex lock_;
  std::map<core::pool_id, std::shared_ptr<pool_port>> ports_;
  bool closed_ = false;
};

}  // namespace agentpool::actors
