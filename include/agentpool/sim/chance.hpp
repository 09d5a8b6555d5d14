#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace agentpool::sim {

/// Pseudo-random numbers (xoshiro256**) that are the same for a seed on every machine and with
/// every compiler: whole numbers alone. Not for secrets.
class chance {
 public:
  explicit chance(std::uint64_t seed) noexcept;

  /// A stream of its own for what has that name: drawing from one does not move another.
  [[nodiscard]] static chance of(std::uint64_t seed, std::string_view name) noexcept;

  [[nodiscard]] std::uint64_t next() noexcept;

  /// From 0 to `bound` - 1, each alike; 0 when `bound` is 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept;

  /// From `least` to `most`, both included.
  [[nodiscard]] std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept;

  /// True in `percent` of a hundred cases.
  [[nodiscard]] bool happens(std::uint64_t percent) noexcept { return below(100) < percent; }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace agentpool::sim
