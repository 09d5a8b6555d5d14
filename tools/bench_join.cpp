#include <memory>
#include <utility>

#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using values = core::outcome<std::vector<double>>;

constexpr std::size_t deep = 1'024;
constexpr std::uint64_t few = 10'000;

/// Joins a second, into a new pool until it has so many members.
values joins(std::uint64_t members) {
  const auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  const auto pool = (*bench)->open_pool();
  if (!pool) return pool.error();
  const auto start = std::chrono::steady_clock::now();
  const auto joined = ask_often(*pool, 0, members, deep, [](std::uint64_t number) -> core::command {
    return core::join_run{bench_member(numbered_run("run.member", number))};
  });
  if (!joined) return joined.error();
  return std::vector<double>{rate_since(start, members)};
}

}  // namespace

std::vector<comparison_part> join_parts() {
  return {{"join/100k", [](const bench_effort& effort) -> core::outcome<bench_sides> {
             bench_sides sides;
             sides.measures = {{"joins a second", "up to 10 k members", {}}};
             sides.ours = [members = effort.scaled(100'000)] { return joins(members); };
             sides.reference = [members = effort.scaled(few)] { return joins(members); };
             return sides;
           }}};
}

}  // namespace agentpool::tools
