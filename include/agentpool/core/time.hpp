#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace agentpool::core {

/// A point in Unix time, in milliseconds.
using instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// Where all time comes from. Safe to call from several threads.
class clock {
 public:
  virtual ~clock() = default;
  [[nodiscard]] virtual instant now() const = 0;
};

[[nodiscard]] constexpr std::uint64_t to_millis(instant at) noexcept {
  return static_cast<std::uint64_t>(at.time_since_epoch().count());
}
[[nodiscard]] constexpr instant from_millis(std::uint64_t millis) noexcept {
  return instant{std::chrono::milliseconds{static_cast<std::int64_t>(millis)}};
}

/// RFC 3339, UTC, milliseconds: "2026-01-31T08:05:09.042Z". What lies past the year 9999 is written
/// as that year's last millisecond.
[[nodiscard]] std::string rfc3339(std::uint64_t unix_millis);

}  // namespace agentpool::core
