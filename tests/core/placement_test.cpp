#include "agentpool/core/placement.hpp"

#include <map>

#include "support/catch.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

std::vector<core::node_lease> nodes(int count) {
  std::vector<core::node_lease> live;
  for (int i = 0; i < count; ++i)
    live.push_back({"node." + std::to_string(i), "127.0.0.1:" + std::to_string(7'000 + i), 1});
  return live;
}

core::pool_id pool(int number) { return core::pool_id{"pool." + std::to_string(number)}; }

}  // namespace

TEST_CASE("without nodes a pool belongs nowhere") {
  CHECK(core::preferred({}, pool(1)) == nullptr);
}

TEST_CASE("where a pool belongs does not depend on the order of the nodes") {
  const auto live = nodes(5);
  const std::vector<core::node_lease> turned{live.rbegin(), live.rend()};
  for (int i = 0; i < 200; ++i)
    CHECK(core::preferred(live, pool(i))->node == core::preferred(turned, pool(i))->node);
}

TEST_CASE("pools spread over the nodes") {
  const auto live = nodes(4);
  std::map<std::string, int> counts;
  for (int i = 0; i < 4'000; ++i) ++counts[core::preferred(live, pool(i))->node];
  for (const auto& lease : live) {
    CHECK(counts[lease.node] > 800);
    CHECK(counts[lease.node] < 1'200);
  }
}

TEST_CASE("when a node goes only its own pools move") {
  const auto before = nodes(5);
  auto after = before;
  after.erase(after.begin() + 2);
  for (int i = 0; i < 1'000; ++i) {
    const auto was = core::preferred(before, pool(i))->node;
    const auto is = core::preferred(after, pool(i))->node;
    if (was != "node.2") CHECK(was == is);
  }
}

TEST_CASE(
    "registry values are read as they were written, and others are refused with their place") {
  const core::node_lease node{"node.a", "[::1]:7000", 1'800'000'000'000};
  CHECK(*core::node_of({"node", "node.a", core::to_value(node), 1}) == node);
  const core::pool_lease lease{"node.a", 7};
  CHECK(*core::pool_of({"pool", "pool.a", core::to_value(lease), 1}) == lease);
  const core::run_seat seat{std::string(64, 'a'), "node.a", true};
  CHECK(*core::seat_of({"run.pool.a", "run.a", core::to_value(seat), 1}) == seat);

  const auto wrong = core::pool_of({"pool", "pool.a", R"({"node":"n","epoch":"x"})", 1});
  REQUIRE(!wrong);
  CHECK(wrong.error().kind == core::agent_error_kind::recovery_repair_needed);
  CHECK(wrong.error().message.find("registry row pool/pool.a: epoch") == 0);
  CHECK(!core::seat_of({"run.p", "r", "nonsense", 1}));
  const core::node_lease endless{"node.a", "[::1]:7000", 253'402'300'800'000};
  const auto refused = core::node_of({"node", "node.a", core::to_value(endless), 1});
  REQUIRE(!refused);
  CHECK(refused.error().message.find("registry row node/node.a: expires_at_millis") == 0);
}

TEST_CASE("waits between tries double up to their most and keep a random half") {
  CHECK(core::backoff(50ms, 2'000ms, 1, 1.0) == 50ms);
  CHECK(core::backoff(50ms, 2'000ms, 1, 0.0) == 25ms);
  CHECK(core::backoff(50ms, 2'000ms, 2, 1.0) == 100ms);
  CHECK(core::backoff(50ms, 2'000ms, 3, 0.5) == 150ms);
  CHECK(core::backoff(50ms, 2'000ms, 40, 1.0) == 2'000ms);
  CHECK(core::backoff(0ms, 0ms, 7, 1.0) == 0ms);
}
