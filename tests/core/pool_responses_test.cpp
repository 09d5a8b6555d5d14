#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::message_status;
using core::send_message;

namespace {

const core::message_id asked{"q"};

/// run.a, run.b and run.c, all listing topic.t.
pool_bench three_runs() {
  auto bench = pool_bench::opened();
  for (const auto* run : {"run.a", "run.b", "run.c"})
    bench.get<core::run_joined>(join(run, {"topic.t"}));
  return bench;
}

core::run_message to_all(std::uint32_t expected, std::optional<std::uint64_t> timeout = {}) {
  auto made = question("q", "run.a", core::to_pool{core::pool_id{"pool.p"}}, expected);
  made.response_contract->timeout_millis = timeout;
  return made;
}

core::command record(const char* id, message_status status,
                     std::optional<std::vector<core::run_id>> to = {}) {
  return core::record_message_status{core::message_id{id}, status, std::move(to)};
}

/// A message as another program may leave it: accepted, and nothing more.
core::entry_ptr accepted_only(const core::run_message& message, std::uint64_t sequence) {
  core::log_entry entry;
  entry.recorded_at_millis = 1;
  entry.what = core::store_record{
      core::pool_id{"pool.p"},
      {sequence},
      core::message_recorded{
          {message, {message.message_id, message_status::accepted, {core::run_id{"run.a"}}, {}}}}};
  return std::make_shared<const core::log_entry>(entry);
}

}  // namespace

// ---- responses -----------------------------------------------------------------------------

TEST_CASE("at the expected number of first replies a message becomes responded") {
  auto bench = three_runs();
  bench.must(send_message{to_all(2)});
  CHECK(bench.adds(send_message{reply("r.b", "run.b", "run.a", "q")}) ==
        "message r.b accepted to run.a; message r.b delivered to run.a");
  CHECK(bench.adds(send_message{reply("r.c", "run.c", "run.a", "q")}) ==
        "message r.c accepted to run.a; message r.c delivered to run.a; "
        "message q responded to run.b run.c");
}

TEST_CASE("only the first reply of a recipient counts") {
  auto bench = three_runs();
  bench.must(send_message{to_all(2)});
  bench.must(send_message{reply("r.1", "run.b", "run.a", "q")});
  CHECK(bench.adds(send_message{reply("r.2", "run.b", "run.a", "q")}) ==
        "message r.2 accepted to run.a; message r.2 delivered to run.a");
}

TEST_CASE("neither a second reply of one recipient nor one of a stranger stands in for another's") {
  auto bench = three_runs();
  for (const auto* run : {"run.d", "run.e"}) bench.get<core::run_joined>(join(run));
  bench.must(send_message{to_all(3)});
  bench.get<core::run_joined>(join("run.late"));
  for (const auto* id : {"r.1", "r.2"}) bench.must(send_message{reply(id, "run.b", "run.a", "q")});
  bench.must(send_message{reply("r.3", "run.late", "run.a", "q")});
  CHECK(bench.adds(send_message{reply("r.4", "run.c", "run.a", "q")}) ==
        "message r.4 accepted to run.a; message r.4 delivered to run.a");
  CHECK(bench.adds(send_message{reply("r.5", "run.d", "run.a", "q")}) ==
        "message r.5 accepted to run.a; message r.5 delivered to run.a; "
        "message q responded to run.b run.c run.d run.e");
}

TEST_CASE("a reply from a run that is no recipient does not count") {
  auto bench = three_runs();
  bench.must(send_message{question("q", "run.a", core::to_run{core::run_id{"run.b"}}, 1)});
  CHECK(bench.adds(send_message{reply("r", "run.c", "run.a", "q")}) ==
        "message r accepted to run.a; message r delivered to run.a");
}

TEST_CASE("a reply that reaches nobody does not count") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1)});
  CHECK(bench.adds(send_message{reply("r", "run.b", "run.x", "q")}) == "message r failed");
}

TEST_CASE("replies after the message responded are delivered and change nothing") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1)});
  bench.must(send_message{reply("r.b", "run.b", "run.a", "q")});
  CHECK(bench.adds(send_message{reply("r.c", "run.c", "run.a", "q")}) ==
        "message r.c accepted to run.a; message r.c delivered to run.a");
}

TEST_CASE("a message without a response contract never becomes responded by replies") {
  auto bench = three_runs();
  bench.must(send_message{message("q", "run.a", "run.b")});
  CHECK(bench.adds(send_message{reply("r", "run.b", "run.a", "q")}) ==
        "message r accepted to run.a; message r delivered to run.a");
}

TEST_CASE("without enough replies a message times out, timeout_millis after its delivery") {
  auto bench = three_runs();
  bench.must(send_message{to_all(2, 50)});
  bench.must(send_message{reply("r.b", "run.b", "run.a", "q")});
  CHECK(bench.pool().next_due() == bench.now() + std::chrono::milliseconds{50});
  bench.pass(49);
  CHECK(bench.adds(core::expire_due{}) == "nothing");
  bench.pass(1);
  CHECK(bench.adds(core::expire_due{}) == "message q timed_out to run.b run.c");
  CHECK(bench.adds(core::expire_due{}) == "nothing");
  CHECK(bench.pool().next_due() == std::nullopt);
}

TEST_CASE("a reply after the timeout does not complete the message") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1, 50)});
  bench.pass(50);
  CHECK(bench.adds(send_message{reply("r.b", "run.b", "run.a", "q")}) ==
        "message r.b accepted to run.a; message r.b delivered to run.a");
  CHECK(bench.adds(core::expire_due{}) == "message q timed_out to run.b run.c");
}

TEST_CASE("a reply after the timeout completes nothing where the clock is behind either") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1, 50)});
  const auto before = bench.now();
  bench.pass(50);
  bench.must(send_message{reply("r.b", "run.b", "run.a", "q")});
  bench.set_now(before);
  CHECK(bench.adds(send_message{reply("r.c", "run.c", "run.a", "q")}) ==
        "message r.c accepted to run.a; message r.c delivered to run.a");
  CHECK(bench.adds(core::expire_due{}) == "message q timed_out to run.b run.c");
}

TEST_CASE("a responded message does not time out any more") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1, 50)});
  bench.must(send_message{reply("r.b", "run.b", "run.a", "q")});
  bench.pass(50);
  CHECK(bench.adds(core::expire_due{}) == "nothing");
}

TEST_CASE("a timeout goes on after a restart with what was left of the time") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1, 50)});
  const auto due = bench.pool().next_due();
  bench.pass(30);
  CHECK(replay(bench.log(), bench.pool().id())->next_due() == due);
}

TEST_CASE("a huge timeout is never due") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1, ~std::uint64_t{0})});
  CHECK(bench.adds(core::expire_due{}) == "nothing");
  CHECK(bench.pool().next_due() == core::instant::max());
}

TEST_CASE("expected_responses of 0 is a contract violation and nothing is recorded") {
  auto bench = three_runs();
  CHECK(bench.refused(send_message{to_all(0)}) == "InvalidStateTransition/RepairNeeded");
  CHECK(bench.log().entries().size() == 5);
}

// ---- cancelling and recorded statuses --------------------------------------------------------

TEST_CASE("cancel_message makes a delivered message cancelled") {
  auto bench = three_runs();
  bench.must(send_message{message("q", "run.a", "run.b")});
  CHECK(core::to_json(bench.get<core::message_receipt>(core::cancel_message{asked})) ==
        R"({"message_id":"q","status":"cancelled","delivered_to":["run.b"],)"
        R"("journal_cursor":"journal.7"})");
}

TEST_CASE("a cancelled message neither responds nor times out") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1, 50)});
  bench.must(core::cancel_message{asked});
  CHECK(bench.adds(send_message{reply("r.b", "run.b", "run.a", "q")}) ==
        "message r.b accepted to run.a; message r.b delivered to run.a");
  bench.pass(50);
  CHECK(bench.adds(core::expire_due{}) == "nothing");
}

TEST_CASE("a transition of a final message is an invalid transition") {
  const message_status finals[]{message_status::responded, message_status::failed,
                                message_status::timed_out, message_status::expired,
                                message_status::cancelled};
  for (const auto first : finals) {
    INFO(to_text(first));
    auto bench = three_runs();
    bench.must(send_message{message("q", "run.a", "run.b")});
    CHECK(bench.get<core::message_receipt>(record("q", first)).status == first);
    const auto before = bench.log().entries().size();
    for (const auto next : finals)
      CHECK(bench.refused(record("q", next)) == "InvalidStateTransition/NotRetryable");
    CHECK(bench.refused(record("q", message_status::delivered)) ==
          "InvalidStateTransition/NotRetryable");
    CHECK(bench.refused(core::cancel_message{asked}) == "InvalidStateTransition/NotRetryable");
    CHECK(bench.log().entries().size() == before);
  }
}

TEST_CASE("a status never goes back") {
  auto bench = three_runs();
  bench.must(send_message{message("q", "run.a", "run.b")});
  CHECK(bench.refused(record("q", message_status::accepted)) ==
        "InvalidStateTransition/NotRetryable");
  CHECK(bench.refused(record("q", message_status::delivered)) ==
        "InvalidStateTransition/NotRetryable");
}

TEST_CASE("a transition of a message that nobody sent is a contract violation") {
  auto bench = three_runs();
  CHECK(bench.refused(core::cancel_message{asked}) == "InvalidStateTransition/RepairNeeded");
  CHECK(bench.refused(record("q", message_status::failed)) ==
        "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("a recorded status may name the recipients, sorted and without repeats") {
  auto bench = three_runs();
  bench.must(send_message{message("q", "run.a", "run.b")});
  CHECK(bench.adds(record("q", message_status::responded,
                          {{core::run_id{"run.c"}, core::run_id{"run.b"},
                            core::run_id{"run.c"}}})) == "message q responded to run.b run.c");
  CHECK(bench.inbox("run.c").empty());
}

TEST_CASE("a recorded status with a recipient that never joined is a contract violation") {
  auto bench = three_runs();
  bench.must(send_message{message("q", "run.a", "run.b")});
  CHECK(bench.refused(record("q", message_status::responded, {{core::run_id{"run.x"}}})) ==
        "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("recording the delivery of an accepted message puts it in the inboxes") {
  auto bench = three_runs();
  bench.pool().apply(accepted_only(message("m", "run.b", "run.a"), 6));
  CHECK(bench.inbox("run.a").empty());
  CHECK(bench.adds(record("m", message_status::delivered)) == "message m delivered to run.a");
  CHECK(bench.inbox("run.a") == "7:m");
}

TEST_CASE("recording the delivery of a reply completes the message that it replies to") {
  auto bench = three_runs();
  bench.must(send_message{to_all(1)});
  bench.pool().apply(accepted_only(reply("r", "run.b", "run.a", "q"), 8));
  CHECK(bench.adds(record("r", message_status::delivered)) ==
        "message r delivered to run.a; message q responded to run.b run.c");
}

// ---- inbox ---------------------------------------------------------------------------------

TEST_CASE("the inbox lists a run's messages in the pool's order, each with its log sequence") {
  auto bench = three_runs();
  for (const auto* id : {"m.z", "m.a", "m.k"})
    bench.must(send_message{message(id, "run.a", "run.b")});
  CHECK(bench.inbox("run.b") == "7:m.z 9:m.a 11:m.k");
  CHECK(bench.inbox("run.b", {}, 2) == "7:m.z 9:m.a");
  CHECK(bench.inbox("run.b", 9) == "11:m.k");
  CHECK(bench.inbox("run.b", {}, 0).empty());
}

TEST_CASE("a page of an inbox is bounded, whatever was asked for") {
  auto bench = pool_bench::opened({}, {.inbox_page_max = 2});
  for (const auto* run : {"run.a", "run.b"}) bench.get<core::run_joined>(join(run));
  for (const auto* id : {"m.1", "m.2", "m.3"})
    bench.must(send_message{message(id, "run.a", "run.b")});
  CHECK(bench.inbox("run.b", {}, 1'000'000) == "6:m.1 8:m.2");
}

TEST_CASE("the inbox gives again what was not acknowledged, after a restart too") {
  auto bench = three_runs();
  for (const auto* id : {"m.1", "m.2"}) bench.must(send_message{message(id, "run.a", "run.b")});
  CHECK(bench.get<core::inbox_acked>(core::ack_inbox{core::run_id{"run.b"}, 7}).acked == 7);
  CHECK(bench.inbox("run.b") == "9:m.2");
  CHECK(bench.inbox("run.b", 0) == "7:m.1 9:m.2");
  const auto again = replay(bench.log(), bench.pool().id());
  CHECK(again->acked(core::run_id{"run.b"}) == 7);
  CHECK(again->fingerprint() == bench.pool().fingerprint());
}

TEST_CASE("an acknowledgement never goes back") {
  auto bench = three_runs();
  for (const auto* id : {"m.1", "m.2"}) bench.must(send_message{message(id, "run.a", "run.b")});
  const core::run_id run{"run.b"};
  bench.must(core::ack_inbox{run, 9});
  CHECK(bench.get<core::inbox_acked>(core::ack_inbox{run, 7}).acked == 9);
  CHECK(bench.log().acks().size() == 1);
  CHECK(bench.inbox("run.b").empty());
}

TEST_CASE("an acknowledgement past the end of the log is a contract violation") {
  auto bench = three_runs();
  CHECK(bench.refused(core::ack_inbox{core::run_id{"run.b"}, 6}) ==
        "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("the inbox of a run that never joined is an invalid transition") {
  auto bench = three_runs();
  CHECK(bench.refused(core::read_inbox{core::run_id{"run.x"}, {}, 1}) ==
        "InvalidStateTransition/NotRetryable");
  CHECK(bench.refused(core::ack_inbox{core::run_id{"run.x"}, 0}) ==
        "InvalidStateTransition/NotRetryable");
}
