#include "agentpool/sim/latency.hpp"

#include <algorithm>

namespace agentpool::sim {

namespace {

/// The longest that a law gives: a day.
constexpr std::uint64_t micros_max = 86'400'000'000U;

/// `value` times 2 to the power of `exponent` / 65536, in whole numbers alone: floating point
/// differs in its last bits between compilers. The power of the fraction is a cubic that is good
/// to a ten-thousandth.
std::uint64_t scaled(std::uint64_t value, std::int64_t exponent) {
  const std::int64_t whole = exponent >> 16;
  const auto part = static_cast<std::uint64_t>(exponent & 0xffff);
  const std::uint64_t cubic = 5'089 * part / 65'536 + 14'743;
  const std::uint64_t square = cubic * part / 65'536 + 45'704;
  const std::uint64_t factor = 65'536 + square * part / 65'536;
  const std::uint64_t times = std::min(value, micros_max) * factor / 65'536;
  if (whole >= 0) return whole > 20 ? micros_max : std::min(times << whole, micros_max);
  return whole < -40 ? 0 : times >> -whole;
}

/// Close to a normal distribution of deviation 1, times 65536: the sum of twelve even ones.
std::int64_t normal(chance& from) {
  std::int64_t sum = std::int64_t{-6} * 65'536;
  for (int i = 0; i < 12; ++i) sum += static_cast<std::int64_t>(from.below(65'537));
  return sum;
}

std::uint64_t drawn(const constant_latency& law, chance&, std::size_t) { return law.micros; }

std::uint64_t drawn(const uniform_latency& law, chance& from, std::size_t) {
  return from.between(law.least_micros, law.most_micros);
}

std::uint64_t drawn(const lognormal_latency& law, chance& from, std::size_t) {
  constexpr std::int64_t log2_of_e = 94'548;  // Times 65536.
  const auto sigma = static_cast<std::int64_t>(law.sigma_percent);
  return scaled(law.median_micros, normal(from) * sigma / 100 * log2_of_e / 65'536);
}

std::uint64_t drawn(const listed_latency& law, chance&, std::size_t so_far) {
  return law.micros.empty() ? 0 : law.micros[so_far % law.micros.size()];
}

}  // namespace

std::string fault_of(const latency_law& law) {
  if (const auto* even = std::get_if<uniform_latency>(&law))
    if (even->least_micros > even->most_micros) return "least_micros: is more than most_micros";
  if (const auto* skew = std::get_if<lognormal_latency>(&law))
    if (skew->sigma_percent > 500) return "sigma_percent: must be at most 500";
  if (const auto* list = std::get_if<listed_latency>(&law))
    if (list->micros.empty()) return "micros: needs at least one time";
  return {};
}

std::chrono::microseconds latency::next() {
  const auto micros =
      std::visit([this](const auto& law) { return drawn(law, chance_, drawn_); }, law_);
  ++drawn_;
  return std::chrono::microseconds{static_cast<std::int64_t>(std::min(micros, micros_max))};
}

}  // namespace agentpool::sim
