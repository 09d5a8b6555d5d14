#pragma once

#include <memory>
#include <utility>

#include "actors/scripted_store.hpp"
#include "actors/world.hpp"

namespace agentpool::testing {

/// An engine in virtual time on a store that does what a script says.
struct scripted_world {
  std::shared_ptr<script> does = std::make_shared<script>();
  std::shared_ptr<stores::memory_log> log = std::make_shared<stores::memory_log>();
  world at;

  explicit scripted_world(std::uint64_t seed = 1, actors::engine_options options = {})
      : at{std::make_unique<scripted_store>(does, log), seed, std::move(options)} {}
};

}  // namespace agentpool::testing
