#include "inspect.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "agentpool/core/json_fields.hpp"
#include "pool_report.hpp"
#include "real_clock.hpp"
#include "store_url.hpp"

namespace agentpool::tools {

namespace {

/// What `inspect --json` prints.
struct store_report {
  std::vector<pool_report> pools;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pools", self.pools, core::presence::always);
  }
};

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void print_members(const pool_report& report) {
  std::cout << "  members (" << report.members.size() << ")\n";
  for (const auto& told : report.members) {
    std::cout << "    " << padded(told.member.run_id.text(), 24) << " "
              << padded(told.member.agent_id.text(), 20) << " inbox " << told.delivered
              << ", unacknowledged " << told.unacknowledged;
    for (const auto& topic : told.member.topics) std::cout << "  #" << topic.text();
    std::cout << '\n';
  }
}

void print_open(const pool_report& report) {
  std::cout << "  open messages (" << report.open_messages.size() << ")\n";
  for (const auto& stored : report.open_messages) {
    std::cout << "    " << padded(stored.message->message_id.text(), 32) << " "
              << padded(std::string{core::to_text(stored.receipt.status)}, 10) << " from "
              << stored.message->from.text();
    if (const auto& wanted = stored.message->response_contract)
      std::cout << ", waits for " << wanted->expected_responses << " replies";
    std::cout << '\n';
  }
  std::cout << "  registered wakes (" << report.registered_wakes.size() << ")\n";
  for (const auto& condition : report.registered_wakes) {
    std::cout << "    " << padded(condition.condition_id.text(), 32) << " of "
              << condition.run_id.text();
    if (condition.timeout_millis)
      std::cout << ", times out after " << *condition.timeout_millis << " ms";
    std::cout << '\n';
  }
}

void print(const pool_report& report) {
  std::cout << "pool " << report.pool_id.text() << ": " << report.cursor.sequence << " records, "
            << report.host_events << " host events, " << report.messages << " messages, "
            << report.wakes << " wakes\n";
  if (report.begins)
    std::cout << "  shortened: what was up to sequence " << report.begins->sequence
              << " is gone and not counted\n";
  print_members(report);
  print_open(report);
  std::cout << "  timeline\n";
  for (const auto& line : report.timeline)
    std::cout << "    " << padded(std::to_string(line.sequence), 6) << " " << line.at << "  "
              << padded(line.what, 18) << " " << line.detail << '\n';
}

/// The pools asked for: the one named, else all.
core::outcome<std::vector<core::pool_id>> chosen(core::store_backend& store,
                                                 const std::optional<std::string>& name) {
  auto pools = store.list_pools();
  if (!pools || !name) return pools;
  if (auto fault = core::identifier_fault(*name); !fault.empty())
    return core::contract_violation("--pool " + fault);
  const core::pool_id wanted{*name};
  if (std::find(pools->begin(), pools->end(), wanted) == pools->end())
    return core::host_configuration_needed("no such pool in this store: " + *name);
  return std::vector{wanted};
}

}  // namespace

core::outcome<void> inspect(const inspect_request& request) {
  if (request.store.empty() == request.connect.empty())
    return core::host_configuration_needed("name a store with --store or a node with --connect");
  if (!request.connect.empty()) return inspect_node(request);
  const real_clock clock;
  if (request.store == "memory")
    return core::host_configuration_needed(
        "a memory store ends with its process: name a store that lasts");
  auto store = open_store(request.store, clock, store_use::read_only);
  if (!store) return store.error();
  auto pools = chosen(**store, request.pool);
  if (!pools) return pools.error();
  store_report all;
  for (const auto& pool : *pools) {
    auto report = report_on(**store, pool, request.timeline_max);
    if (!report) return report.error();
    if (!request.json) print(*report);
    if (request.json) all.pools.push_back(std::move(*report));
  }
  if (request.json) std::cout << core::written(all) << '\n';
  return {};
}

}  // namespace agentpool::tools
