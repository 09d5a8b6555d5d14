#pragma once

#include <memory>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "agentpool/core/outcome.hpp"
#include "guarded_desk.hpp"
#include "serve.hpp"

namespace agentpool::tools {

/// What is served, opened: an engine of a store, or of pools at nodes.
struct served_pools {
  std::shared_ptr<const core::clock> clock = {};
  std::unique_ptr<actors::remote::client> program = {};
  std::unique_ptr<actors::engine> engine = {};

  [[nodiscard]] actors::engine& pools() { return program ? program->pools() : *engine; }
  /// What callers share; good while this lives.
  [[nodiscard]] std::shared_ptr<const service> all();
};

/// Opens what the request names; `name` is what nodes call the program.
[[nodiscard]] core::outcome<served_pools> open_pools(const serve_request& request,
                                                     const std::string& name);

}  // namespace agentpool::tools
