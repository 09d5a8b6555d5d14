#pragma once

#include <memory>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "agentpool/core/outcome.hpp"
#include "guarded_desk.hpp"
#include "serve.hpp"
#include "watched_store.hpp"

namespace agentpool::tools {

/// Who looks on; null or empty: nobody.
struct onlookers {
  std::shared_ptr<desk_watch> desk = {};
  std::shared_ptr<send_watch> sends = {};
  std::vector<std::shared_ptr<append_watch>> appends = {};  ///< Of pools of a store alone.
};

/// What is served, opened: an engine of a store, or of pools at nodes.
struct served_pools {
  std::shared_ptr<const core::clock> clock = {};
  std::unique_ptr<actors::remote::client> program = {};
  std::unique_ptr<actors::engine> engine = {};
  std::shared_ptr<desk_watch> watch = {};
  std::shared_ptr<send_watch> sends = {};

  [[nodiscard]] actors::engine& pools() { return program ? program->pools() : *engine; }
  /// What callers share; good while this lives.
  [[nodiscard]] std::shared_ptr<const service> all();
};

/// Opens what the request names; `name` is what nodes call the program.
[[nodiscard]] core::outcome<served_pools> open_pools(const serve_request& request,
                                                     const std::string& name, onlookers seen = {});

}  // namespace agentpool::tools
