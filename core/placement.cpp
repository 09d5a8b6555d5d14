#include "agentpool/core/placement.hpp"

#include <algorithm>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"

namespace agentpool::core {

namespace {

constexpr std::uint64_t latest_millis = 253'402'300'799'999;

template <class T>
outcome<T> read_row(const registry_row& row) {
  const auto wrong = [&](const agent_error& why) {
    return store_corrupt("registry row " + row.space + "/" + row.key + ": " + why.message);
  };
  const auto tree = parse_json(row.value);
  if (!tree) return wrong(tree.error());
  auto read = read_json<T>(tree->root(), reading::strict);
  if (!read) return wrong(read.error());
  return read;
}

}  // namespace

std::string seat_space(const pool_id& pool) { return "run." + pool.text(); }

std::string to_value(const node_lease& lease) { return written(lease); }
std::string to_value(const pool_lease& lease) { return written(lease); }
std::string to_value(const run_seat& seat) { return written(seat); }

outcome<node_lease> node_of(const registry_row& row) {
  auto lease = read_row<node_lease>(row);
  if (lease && lease->expires_at_millis > latest_millis)
    return store_corrupt("registry row " + row.space + "/" + row.key +
                         ": expires_at_millis: after the year 9999");
  return lease;
}
outcome<pool_lease> pool_of(const registry_row& row) { return read_row<pool_lease>(row); }
outcome<run_seat> seat_of(const registry_row& row) { return read_row<run_seat>(row); }

const node_lease* preferred(std::span<const node_lease> live, const pool_id& pool) {
  const node_lease* best = nullptr;
  std::string best_weight;
  for (const auto& lease : live) {
    // The length keeps "a" with "b.c" apart from "a.b" with "c".
    auto weight =
        sha256_hex(std::to_string(lease.node.size()) + "." + lease.node + "." + pool.text());
    if (best != nullptr && weight <= best_weight) continue;
    best = &lease;
    best_weight = std::move(weight);
  }
  return best;
}

std::chrono::milliseconds backoff(std::chrono::milliseconds least, std::chrono::milliseconds most,
                                  std::uint32_t tries, double chance) {
  auto whole = std::max(least, std::chrono::milliseconds{1});
  for (std::uint32_t i = 1; i < tries && whole < most; ++i) whole *= 2;
  whole = std::min(whole, most);
  const auto half = whole / 2;
  const auto rest = static_cast<double>((whole - half).count()) * std::clamp(chance, 0.0, 1.0);
  return half + std::chrono::milliseconds{static_cast<std::int64_t>(rest)};
}

}  // namespace agentpool::core
