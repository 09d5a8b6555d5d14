#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace agentpool::actors::remote {

/// The actors that a peer has been shown, so that it may address them. Holds the latest `most / 2`
/// at least and `most` at most: one that was neither shown nor asked for since is forgotten.
class actor_roll {
 public:
  explicit actor_roll(std::size_t most) : half_{most / 2 + 1} {}

  void add(std::uint64_t actor);
  /// Enters those of another roll.
  void merge(const actor_roll& other);
  /// Asking counts as a sign that the actor is still in use.
  [[nodiscard]] bool knows(std::uint64_t actor);

 private:
  std::size_t half_;
  std::uint64_t latest_ = 0;
  std::unordered_set<std::uint64_t> recent_;
  std::unordered_set<std::uint64_t> older_;
};

}  // namespace agentpool::actors::remote
