#include "agentpool/sim/chance.hpp"

#include <bit>

namespace agentpool::sim {

namespace {

/// One step of splitmix64.
std::uint64_t mixed(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// FNV-1a.
std::uint64_t hash(std::string_view text) noexcept {
  std::uint64_t value = 14695981039346656037U;
  for (const char letter : text)
    value = (value ^ static_cast<unsigned char>(letter)) * 1099511628211U;
  return value;
}

}  // namespace

chance::chance(std::uint64_t seed) noexcept {
  for (auto& part : state_) part = mixed(seed);
}

chance chance::of(std::uint64_t seed, std::string_view name) noexcept {
  return chance{mixed(seed) ^ hash(name)};
}

std::uint64_t chance::next() noexcept {
  auto& s = state_;
  const std::uint64_t result = std::rotl(s[1] * 5, 7) * 9;
  const std::uint64_t shifted = s[1] << 17U;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = std::rotl(s[3], 45);
  return result;
}

std::uint64_t chance::below(std::uint64_t bound) noexcept {
  if (bound <= 1) return 0;
  const std::uint64_t uneven = (0 - bound) % bound;  // So many of the smallest would be too much.
  std::uint64_t drawn = next();
  while (drawn < uneven) drawn = next();
  return drawn % bound;
}

std::uint64_t chance::between(std::uint64_t least, std::uint64_t most) noexcept {
  return least + below(most - least + 1);
}

}  // namespace agentpool::sim
