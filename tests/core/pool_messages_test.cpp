#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::message_status;
using core::send_message;

namespace {

/// run.a, run.b and run.c, of agents agent.one, agent.one and agent.c.
pool_bench three_runs(const core::pool_config& config = {}) {
  auto bench = pool_bench::opened(config);
  for (const auto* run : {"run.c", "run.b", "run.a"}) {
    auto joining = member(run, {"topic.all"}, {"policy.x"});
    if (joining.run_id.text() != "run.c") joining.agent_id = core::agent_id{"agent.one"};
    bench.get<core::run_joined>(core::join_run{joining});
  }
  return bench;
}

core::message_receipt sent(pool_bench& bench, const core::run_message& what) {
  return bench.get<core::message_receipt>(send_message{what});
}

core::run_address_target agent(const char* id) { return core::to_agent{core::agent_id{id}}; }
core::run_address_target topic(const char* id) { return core::to_topic{core::topic_id{id}}; }
core::run_address_target whole_pool(const char* id) { return core::to_pool{core::pool_id{id}}; }

}  // namespace

// ---- dedupe -------------------------------------------------------------------------------

TEST_CASE("the same message again returns the stored receipt and appends nothing") {
  auto bench = three_runs();
  const auto first = sent(bench, message("m", "run.a", "run.b"));
  CHECK(bench.adds(send_message{message("m", "run.a", "run.b")}) == "nothing");
  CHECK(sent(bench, message("m", "run.a", "run.b")) == first);
}

TEST_CASE("the same message again returns the latest status") {
  auto bench = three_runs();
  sent(bench, message("m", "run.a", "run.b"));
  const auto cancelled =
      bench.get<core::message_receipt>(core::cancel_message{core::message_id{"m"}});
  CHECK(cancelled.status == message_status::cancelled);
  CHECK(sent(bench, message("m", "run.a", "run.b")) == cancelled);
}

TEST_CASE("the same message again after a restart returns the stored receipt") {
  auto bench = three_runs();
  const auto first = sent(bench, message("m", "run.a", "run.b"));
  const auto again = replay(bench.log(), bench.pool().id());
  const auto verdict = again->decide(send_message{message("m", "run.a", "run.b")}, bench.now());
  const auto& decided = std::get<core::decision>(verdict);
  CHECK(decided.stores_nothing());
  CHECK(std::get<core::message_receipt>(decided.reply) == first);
}

TEST_CASE("a duplicate that arrives before the first is durable appends nothing") {
  auto bench = three_runs();
  const send_message ask{message("m", "run.a", "run.b")};
  bench.pool().try_out(std::get<core::decision>(bench.decide(ask)));
  CHECK(std::get<core::decision>(bench.decide(ask)).stores_nothing());
  bench.pool().take_back();
  CHECK_FALSE(std::get<core::decision>(bench.decide(ask)).stores_nothing());
}

TEST_CASE("the same message again is answered also when its sender left or it expired") {
  auto bench = three_runs();
  auto short_lived = message("m", "run.a", "run.b");
  short_lived.expires_at_millis = core::to_millis(bench.now()) + 10;
  const auto first = sent(bench, short_lived);
  bench.pass(10);
  bench.must(core::leave_run{core::run_id{"run.a"}});
  CHECK(sent(bench, short_lived) == first);
}

TEST_CASE("the same key with a different message is refused, naming the first message") {
  auto bench = three_runs();
  sent(bench, message("m.first", "run.a", "run.b"));
  auto other = message("m.second", "run.a", "run.b");
  other.idempotency_key = core::idempotency_key{"key.m.first"};
  CHECK(bench.refused(send_message{other}) == "InvalidStateTransition/NotRetryable");
  CHECK(bench.ask(send_message{other}).error().message.find("m.first") != std::string::npos);
  auto changed = message("m.first", "run.a", "run.c");
  CHECK(bench.refused(send_message{changed}) == "InvalidStateTransition/NotRetryable");
}

TEST_CASE("a second key for one message id is refused, naming the message") {
  auto bench = three_runs();
  sent(bench, message("m.first", "run.a", "run.b"));
  auto other = message("m.first", "run.a", "run.b");
  other.idempotency_key = core::idempotency_key{"key.other"};
  CHECK(bench.refused(send_message{other}) == "InvalidStateTransition/NotRetryable");
  CHECK(bench.ask(send_message{other}).error().message.find("m.first") != std::string::npos);
  CHECK(bench.inbox("run.b") == "7:m.first");
}

TEST_CASE("a message that reached no one is deduped like any other") {
  auto bench = three_runs();
  const auto first = sent(bench, message("m", "run.a", "run.x"));
  bench.get<core::run_joined>(join("run.x"));
  CHECK(bench.adds(send_message{message("m", "run.a", "run.x")}) == "nothing");
  CHECK(sent(bench, message("m", "run.a", "run.x")) == first);
  CHECK(bench.inbox("run.x").empty());
}

// ---- sender and expiry ----------------------------------------------------------------------

TEST_CASE("a sender that is no member is refused and nothing is recorded") {
  auto bench = three_runs();
  const auto before = bench.log().entries().size();
  CHECK(bench.refused(send_message{message("m", "run.x", "run.b")}) ==
        "InvalidStateTransition/NotRetryable");
  CHECK(bench.log().entries().size() == before);
  bench.get<core::run_joined>(join("run.x"));
  CHECK(sent(bench, message("m", "run.x", "run.b")).status == message_status::delivered);
}

TEST_CASE("at or past its expiry a message is expired, before it is delivered") {
  auto bench = three_runs();
  const auto now = core::to_millis(bench.now());
  auto early = message("m.early", "run.a", "run.b");
  early.expires_at_millis = now + 1;
  auto at = message("m.at", "run.a", "run.b");
  at.expires_at_millis = now;
  auto past = message("m.past", "run.a", "run.b");
  past.expires_at_millis = 0;
  CHECK(sent(bench, early).status == message_status::delivered);
  CHECK(bench.adds(send_message{at}) == "message m.at expired");
  CHECK(sent(bench, past).status == message_status::expired);
  CHECK(bench.inbox("run.b") == "7:m.early");
}

TEST_CASE("a message that expired by the last record is expired where the clock is behind") {
  auto bench = three_runs();
  const auto before = bench.now();
  auto late = message("m", "run.a", "run.b");
  late.expires_at_millis = core::to_millis(before) + 10;
  bench.pass(10);
  bench.get<core::run_joined>(join("run.d"));
  bench.set_now(before);
  CHECK(bench.adds(send_message{late}) == "message m expired");
}

TEST_CASE("expiry after delivery changes nothing") {
  auto bench = three_runs();
  auto timely = message("m", "run.a", "run.b");
  timely.expires_at_millis = core::to_millis(bench.now()) + 10;
  sent(bench, timely);
  bench.pass(100);
  CHECK(bench.adds(core::expire_due{}) == "nothing");
  CHECK(bench.inbox("run.b") == "7:m");
}

// ---- addresses -----------------------------------------------------------------------------

TEST_CASE("a message to a run reaches that member") {
  auto bench = three_runs();
  CHECK(bench.adds(send_message{message("m", "run.a", "run.b")}) ==
        "message m accepted to run.b; message m delivered to run.b");
  CHECK(sent(bench, message("m.self", "run.a", "run.a")).status == message_status::delivered);
}

TEST_CASE("a message to an agent reaches every member with that agent id") {
  auto bench = three_runs();
  CHECK(bench.adds(send_message{message("m", "run.c", agent("agent.one"))}) ==
        "message m accepted to run.a run.b; message m delivered to run.a run.b");
  CHECK(bench.adds(send_message{message("m.2", "run.a", agent("agent.none"))}) ==
        "message m.2 failed");
}

TEST_CASE("a message to a topic reaches every member that lists it now") {
  auto bench = three_runs();
  bench.get<core::run_joined>(join("run.d", {"topic.d"}));
  CHECK(bench.adds(send_message{message("m", "run.d", topic("topic.all"))}) ==
        "message m accepted to run.a run.b run.c; message m delivered to run.a run.b run.c");
  bench.must(core::leave_run{core::run_id{"run.b"}});
  CHECK(bench.adds(send_message{message("m.2", "run.d", topic("topic.all"))}) ==
        "message m.2 accepted to run.a run.c; message m.2 delivered to run.a run.c");
}

TEST_CASE("a message to the pool reaches every member but the sender") {
  auto bench = three_runs();
  CHECK(bench.adds(send_message{message("m", "run.b", whole_pool("pool.p"))}) ==
        "message m accepted to run.a run.c; message m delivered to run.a run.c");
}

TEST_CASE("a message to the pool reaches the sender too when the config includes it") {
  core::pool_config config;
  config.message_policy.include_sender_in_pool_broadcast = true;
  auto bench = three_runs(config);
  CHECK(bench.adds(send_message{message("m", "run.b", whole_pool("pool.p"))}) ==
        "message m accepted to run.a run.b run.c; message m delivered to run.a run.b run.c");
}

TEST_CASE("a message to another pool's id reaches no one") {
  auto bench = three_runs();
  CHECK(bench.adds(send_message{message("m", "run.b", whole_pool("pool.other"))}) ==
        "message m failed");
}

TEST_CASE("no recipient fails closed: a receipt with status failed, recorded, no error") {
  auto bench = three_runs();
  const auto receipt = sent(bench, message("m", "run.a", "run.x"));
  CHECK(core::to_json(receipt) ==
        R"({"message_id":"m","status":"failed","journal_cursor":"journal.5"})");
  CHECK(bench.journal().back().journal_seq == 5);
}

// ---- policies ------------------------------------------------------------------------------

TEST_CASE("a recipient must hold every policy ref that the message carries") {
  auto bench = three_runs();
  bench.get<core::run_joined>(join("run.d", {"topic.all"}, {"policy.x", "policy.y"}));
  auto guarded = message("m", "run.a", topic("topic.all"));
  guarded.policy_refs = permissions({"policy.y", "policy.x"});
  CHECK(bench.adds(send_message{guarded}) ==
        "message m accepted to run.d; message m delivered to run.d");
  auto too_much = message("m.2", "run.a", topic("topic.all"));
  too_much.policy_refs = permissions({"policy.z"});
  CHECK(bench.adds(send_message{too_much}) == "message m.2 failed");
}

TEST_CASE("policy refs of another kind or version are other policies") {
  auto bench = three_runs();
  auto other_kind = message("m.1", "run.a", "run.b");
  other_kind.policy_refs = {{core::policy_kind::privacy, core::policy_id{"policy.x"}, {}}};
  auto other_version = message("m.2", "run.a", "run.b");
  other_version.policy_refs = {{core::policy_kind::permission, core::policy_id{"policy.x"}, "2"}};
  CHECK(sent(bench, other_kind).status == message_status::failed);
  CHECK(sent(bench, other_version).status == message_status::failed);
}

TEST_CASE("the message must carry every policy ref that the pool requires") {
  core::pool_config config;
  config.message_policy.required_policy_refs = permissions({"policy.x"});
  auto bench = three_runs(config);
  CHECK(bench.adds(send_message{message("m", "run.a", "run.b")}) == "message m failed");
  auto carrying = message("m.2", "run.a", "run.b");
  carrying.policy_refs = permissions({"policy.x"});
  CHECK(sent(bench, carrying).status == message_status::delivered);
}

// ---- delivery ------------------------------------------------------------------------------

TEST_CASE("a delivery is two store records, two journal records and two events in one commit") {
  auto bench = three_runs();
  const auto verdict = bench.decide(send_message{message("m", "run.a", "run.b")});
  CHECK(std::get<core::decision>(verdict).entries.size() == 2);
  CHECK(core::to_json(sent(bench, message("m", "run.a", "run.b"))) ==
        R"({"message_id":"m","status":"delivered","delivered_to":["run.b"],)"
        R"("journal_cursor":"journal.6"})");
  const auto journal = bench.journal();
  const auto& first = std::get<core::run_message_record>(journal[4].payload);
  const auto& second = std::get<core::run_message_record>(journal[5].payload);
  REQUIRE(first.effect_intent);
  CHECK(first.effect_intent->kind == core::effect_kind::run_message_delivery);
  CHECK_FALSE(first.effect_result);
  REQUIRE(second.effect_result);
  CHECK(second.effect_result->effect_id == first.effect_intent->effect_id);
  CHECK(second.effect_result->terminal_status == core::effect_terminal_status::completed);
  CHECK_FALSE(second.effect_intent);
  CHECK(bench.events()[4].envelope.event_kind == core::event_kind::run_message_accepted);
  CHECK(bench.events()[5].envelope.event_kind == core::event_kind::run_message_delivered);
}

TEST_CASE("a message stands in the inbox of every recipient and in no other") {
  auto bench = three_runs();
  sent(bench, message("m", "run.c", agent("agent.one")));
  CHECK(bench.inbox("run.a") == "7:m");
  CHECK(bench.inbox("run.b") == "7:m");
  CHECK(bench.inbox("run.c").empty());
}
