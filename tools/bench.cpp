#include "bench.hpp"

#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "bench_comparison.hpp"
#include "bench_figures.hpp"
#include "bench_parts.hpp"
#include "bench_send.hpp"
#include "scratch_folder.hpp"
#include "write_file.hpp"

namespace agentpool::tools {

namespace {

std::vector<bench_part> send_parts(bool on_postgres) {
  std::vector<bench_part> parts;
  for (const char* store : {"memory", "sqlite"})
    for (const std::size_t in_flight : {1, 64, 1'024})
      for (const std::size_t pools : {1, 8}) parts.push_back({store, in_flight, pools});
  if (on_postgres)
    for (const std::size_t in_flight : {1, 64, 1'024}) parts.push_back({"postgres", in_flight, 1});
  return parts;
}

std::vector<comparison_part> comparison_parts() {
  std::vector<comparison_part> parts;
  for (const auto& family :
       {broadcast_parts(), flat_parts(), wake_parts(), suspend_parts(), join_parts(),
        memory_parts(), open_parts(), subscribe_parts(), rpc_parts(), remote_parts(),
        simulation_parts(), sync_parts(), trace_parts()})
    parts.insert(parts.end(), family.begin(), family.end());
  return parts;
}

/// What is to be measured.
struct bench_plan {
  std::vector<bench_part> sends;
  std::vector<comparison_part> comparisons;

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& part : sends) all.push_back(part.name());
    for (const auto& part : comparisons) all.push_back(part.name);
    return all;
  }
};

/// The parts whose name begins as asked for; those on PostgreSQL only with a server.
bench_plan plan_of(const bench_request& request) {
  const auto& only = request.only;
  bench_plan plan{send_parts(!request.postgres.empty()), comparison_parts()};
  std::erase_if(plan.sends, [&](const auto& part) { return !part.name().starts_with(only); });
  std::erase_if(plan.comparisons, [&](const auto& part) { return !part.name.starts_with(only); });
  return plan;
}

/// What came of it.
struct bench_results {
  std::vector<bench_figures> sends;
  std::vector<comparison> comparisons;

  [[nodiscard]] std::string json() const {
    std::string text;
    for (const auto& figures : sends) text += (text.empty() ? "" : ",") + figures_json(figures);
    for (const auto& part : comparisons) text += (text.empty() ? "" : ",") + comparison_json(part);
    return "{\"parts\":[" + text + "]}\n";
  }

  [[nodiscard]] std::string markdown() const {
    const bool both = !sends.empty() && !comparisons.empty();
    return bench_markdown(sends) + (both ? "\n" : "") + comparison_markdown(comparisons);
  }
};

/// The error of a part, with its name.
core::agent_error of_part(const std::string& name, core::agent_error error) {
  error.message = name + ": " + error.message;
  return error;
}

/// Tells how far a part is.
std::function<void(std::size_t)> teller(const std::string& name, std::size_t rounds) {
  return [name, rounds](std::size_t round) {
    std::cerr << name << ": round " << round << " of " << rounds << '\n';
  };
}

/// In a folder of its own, so that its files do not stand in another part's way.
core::outcome<comparison> measure(const comparison_part& part, bench_effort effort) {
  const scratch_folder scratch{effort.folder};
  if (scratch.path().empty())
    return core::host_configuration_needed("cannot make a folder in " + effort.folder);
  effort.folder = scratch.path();
  std::cerr << part.name << ": setting up\n";
  const auto sides = part.set_up(effort);
  if (!sides) return sides.error();
  auto result = compare(part.name, *sides, effort.rounds, teller(part.name, effort.rounds));
  if (result) result->scale = effort.scale;
  return result;
}

core::outcome<bench_results> measure_all(const bench_plan& plan, const bench_request& request) {
  const scratch_folder scratch{request.directory};
  if (scratch.path().empty())
    return core::host_configuration_needed("cannot make a folder in " + request.directory);
  const std::chrono::duration<double> time{request.seconds};
  const bench_effort effort{request.rounds,
                            std::chrono::duration_cast<std::chrono::nanoseconds>(time),
                            scratch.path(), request.postgres, request.scale};
  bench_results results;
  for (const auto& part : plan.sends) {
    auto figures = measure(part, effort, teller(part.name(), effort.rounds));
    if (!figures) return of_part(part.name(), figures.error());
    results.sends.push_back(std::move(*figures));
  }
  for (const auto& part : plan.comparisons) {
    auto result = measure(part, effort);
    if (!result) return of_part(part.name, result.error());
    results.comparisons.push_back(std::move(*result));
  }
  return results;
}

}  // namespace

core::outcome<void> run_bench(const bench_request& request) {
  const auto plan = plan_of(request);
  const auto names = plan.names();
  if (names.empty())
    return core::host_configuration_needed("no part begins with '" + request.only +
                                           "': see agentpool bench --list");
  if (request.list) {
    for (const auto& name : names) std::cout << name << '\n';
    return {};
  }
  const auto results = measure_all(plan, request);
  if (!results) return results.error();
  const auto tables = results->markdown();
  std::cout << tables << std::flush;
  if (auto written = write_file(request.markdown, tables); !written) return written;
  return write_file(request.json, results->json());
}

}  // namespace agentpool::tools
