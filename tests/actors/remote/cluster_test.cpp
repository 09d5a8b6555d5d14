#include "actors/remote/cluster.hpp"

#include "agentpool/core/addressing.hpp"
#include "support/catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

core::pool_member member(const std::string& name) {
  return {core::run_id{"run." + name}, core::agent_id{"agent." + name}, {}, {}};
}

core::send_message message(const std::string& id, const std::string& from, const std::string& to) {
  core::run_message sent;
  sent.message_id = core::message_id{"message." + id};
  sent.from = core::run_id{"run." + from};
  sent.to = core::address_of(core::to_run{core::run_id{"run." + to}});
  sent.content_ref = core::content_ref{"content." + id};
  sent.idempotency_key = core::idempotency_key{"key." + id};
  return {std::move(sent)};
}

/// Keeps what it is given.
struct keeper final : actors::agent {
  std::vector<std::string>& got;
  explicit keeper(std::vector<std::string>& into) : got{into} {}
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    got.push_back(entry.message.message_id.text());
    context.acknowledge(entry.sequence);
  }
};

void start(cluster& at, const std::string& program, const std::string& name,
           std::vector<std::string>& got) {
  auto& engine = at.client(program).pools();
  engine.register_agent(core::agent_id{"agent." + name},
                        [&got](const core::run_id&) { return std::make_unique<keeper>(got); });
  actors::run_request request;
  request.pool_id = core::pool_id{"pool.test"};
  request.run_id = core::run_id{"run." + name};
  request.agent_id = core::agent_id{"agent." + name};
  engine.start_run(request, [](const auto&) {});
  at.settle();
}

}  // namespace

TEST_CASE("a program sends through a node to a run that lives in another program") {
  cluster at{7};
  at.start_node("a");
  at.start_client("p", {"a"});
  at.start_client("q", {"a"});
  at.ask<core::pool_snapshot>("p", core::open_pool{});
  at.ask<core::run_joined>("p", core::join_run{member("one")});
  std::vector<std::string> got;
  start(at, "q", "two", got);
  const auto receipt = at.ask<core::message_receipt>("p", message("1", "one", "two"));
  CHECK(receipt.status == core::message_status::delivered);
  at.settle();
  CHECK(got == std::vector<std::string>{"message.1"});
}
