// Each check is shown what must not be, and has to find it; and what may be, and has to be silent.
#include "sim/checks/checks.hpp"
#include "agentpool/core/projection.hpp"
#include "catch.hpp"
#include "fake_view.hpp"

using namespace agentpool;
using namespace agentpool::testing;
namespace checks = agentpool::sim::checks;
using status = core::message_status;
using waking = core::wake_registration_status;

namespace {

bool found(const fake_view& view, const std::string& part) {
  for (const auto& what : view.found)
    if (what.find(part) != std::string::npos) return true;
  return false;
}

core::message_receipt receipt(const std::string& id, status is) {
  return {core::message_id{"message." + id}, is, {core::run_id{"run.b"}}, {}};
}

core::wake_registration registration(const std::string& id, waking is) {
  return {core::wake_condition_id{"wake." + id}, core::run_id{"run.b"}, is, {}};
}

core::trigger by(std::uint64_t event_seq, const std::string& event) {
  core::trigger made;
  made.event_id = core::event_id{event};
  made.event_seq = event_seq;
  return made;
}

}  // namespace

TEST_CASE("acknowledged finds a receipt whose message the log does not have") {
  fake_view view{checks::acknowledged()};
  view.open_with({"a", "b"});
  view.deliver("1", "b");
  view.answer(core::send_message{}, receipt("1", status::delivered));
  CHECK(view.found.empty());
  view.answer(core::send_message{}, receipt("2", status::delivered));
  CHECK(found(view, "message.2 was acknowledged and is not in the log"));
}

TEST_CASE("acknowledged finds an acknowledgement and a registration that are not durable") {
  fake_view view{checks::acknowledged()};
  view.open_with({"a", "b"});
  view.answer(core::ack_inbox{core::run_id{"run.b"}, 3}, core::inbox_acked{3});
  CHECK(found(view, "run.b acknowledged up to 3"));
  view.answer(core::suspend_until{}, registration("1", waking::registered));
  CHECK(found(view, "wake.1 was registered and is not in the log"));
}

TEST_CASE("acknowledged finds a delivered message that a run never gets") {
  fake_view view{checks::acknowledged()};
  view.open_with({"a", "b"});
  view.run("b");
  view.check->on_run_started(fake_view::life("b"));
  const auto sequence = view.deliver("1", "b");
  view.check->on_delivered(fake_view::life("b"), fake_view::entry(sequence, "1", "b"));
  view.check->on_idle();
  CHECK(view.found.empty());
  view.deliver("2", "b");
  view.check->on_idle();
  CHECK(found(view, "message.2 was delivered"));
}

TEST_CASE("answers finds a request without an answer, and one with two") {
  fake_view view{checks::answers()};
  const sim::request_seen one{1, {0, 1}, fake_view::pool(), {}, 1};
  const sim::request_seen lost{2, {0, 1}, fake_view::pool(), {}, 1};
  view.check->on_asked(one);
  view.check->on_asked(lost);
  view.check->on_answered(one, core::answer{});
  view.check->on_crashed({1, 1});
  CHECK(view.found.empty());
  view.check->on_answered(one, core::answer{});
  CHECK(found(view, "request 1 was answered twice"));
  view.check->on_idle();
  CHECK(found(view, "request 2 of engine 0 was never answered"));
  view.found.clear();
  view.check->on_crashed({0, 1});
  view.check->on_idle();
  CHECK(view.found.empty());
}

TEST_CASE("effects_once finds a second delivery in the log, and one to an agent") {
  fake_view view{checks::effects_once()};
  view.open_with({"a", "b"});
  const auto sequence = view.deliver("1", "b");
  view.check->on_run_started(fake_view::life("b"));
  view.check->on_delivered(fake_view::life("b"), fake_view::entry(sequence, "1", "b"));
  CHECK(view.found.empty());
  view.check->on_delivered(fake_view::life("b"), fake_view::entry(sequence, "1", "b"));
  CHECK(found(view, "after sequence"));
  view.deliver("1", "b");
  CHECK(found(view, "message.1 was delivered twice to run.b"));
}

TEST_CASE("effects_once lets a key begin anew that was forgotten, once it was acknowledged") {
  for (const bool acknowledged : {true, false}) {
    fake_view view{checks::effects_once()};
    view.open_with({"a", "b"});
    const auto sequence = view.deliver("1", "b");
    sim::forgetting all{{sequence, 0}, 0, {sequence, 0}, {}};
    if (acknowledged) all.acknowledged[core::run_id{"run.b"}] = sequence;
    view.forgotten = {all};
    view.deliver("1", "b");
    CHECK(view.found.empty() == acknowledged);
  }
}

TEST_CASE("effects_once finds a key that stands for two messages") {
  fake_view view{checks::effects_once()};
  view.open_with({"a", "b"});
  view.deliver("1", "b");
  auto second = fake_view::message("2", "b", status::accepted);
  second.stored.message.edit().idempotency_key = core::idempotency_key{"key.1"};
  view.record(second);
  CHECK(found(view, "one key stands for"));
}

TEST_CASE("expiry finds a delivery at its expiry, and an expiry before its time") {
  fake_view view{checks::expiry()};
  view.open_with({"a", "b"});
  auto late = fake_view::message("1", "b", status::delivered);
  late.stored.message.edit().expires_at_millis = 2'000;
  view.record(late, 1'999);
  CHECK(view.found.empty());
  view.record(late, 2'000);
  CHECK(found(view, "message.1 was delivered after its expiry"));
  auto early = fake_view::message("2", "b", status::expired);
  early.stored.message.edit().expires_at_millis = 2'000;
  view.record(early, 1'999);
  CHECK(found(view, "message.2 expired before its time"));
}

TEST_CASE("final_statuses finds a status after the final one, and an accepted message alone") {
  fake_view view{checks::final_statuses()};
  view.open_with({"a", "b"});
  view.deliver("1", "b");
  view.record(fake_view::message("1", "b", status::cancelled));
  CHECK(view.found.empty());
  view.record(fake_view::message("1", "b", status::responded));
  CHECK(found(view, "message.1 went from cancelled to responded"));
  view.record(fake_view::message("2", "b", status::accepted));
  view.record(fake_view::message("3", "b", status::accepted));
  CHECK(found(view, "message.2 was accepted and not delivered with it"));
  view.record(fake_view::wake("1", waking::registered));
  view.record(fake_view::wake("1", waking::cancelled));
  view.record(fake_view::wake("1", waking::triggered));
  CHECK(found(view, "wake.1 went from cancelled to triggered"));
}

TEST_CASE("wakes_once finds a wake by an event before its starting point") {
  fake_view view{checks::wakes_once()};
  view.open_with({"a", "b"});
  view.record(fake_view::wake("1", waking::registered));
  view.record(fake_view::wake("1", waking::triggered), 1'000,
              by(2, "event.agent_pool.pool.test.2"));
  CHECK(found(view, "before its starting point"));
}

TEST_CASE("wakes_once finds a wake that was not the first match, and one told twice") {
  fake_view view{checks::wakes_once()};
  view.open_with({"a", "b"});
  view.record(fake_view::wake("1", waking::registered));
  view.record(core::member_joined{fake_view::member("c")});
  view.record(core::member_joined{fake_view::member("d")});
  view.record(fake_view::wake("1", waking::triggered), 1'000,
              by(6, "event.agent_pool.pool.test.6"));
  CHECK(found(view, "not by the first match"));
  core::wake_notice notice;
  notice.condition_id = core::wake_condition_id{"wake.1"};
  notice.status = waking::triggered;
  view.found.clear();
  core::wake_condition asked;
  asked.condition_id = notice.condition_id;
  view.check->on_asked({1, {0, 1}, fake_view::pool(), core::suspend_until{{}, asked}, 1});
  view.check->on_run_started(fake_view::life("b"));
  view.check->on_woken(fake_view::life("b"), notice);
  CHECK(view.found.empty());
  view.check->on_woken(fake_view::life("b"), notice);
  CHECK(found(view, "run.b was told of wake.1 more often than it asked"));
}

TEST_CASE("wakes_once finds a wake that waits although an event matched") {
  fake_view view{checks::wakes_once()};
  view.open_with({"a", "b"});
  view.record(fake_view::wake("1", waking::registered));
  view.check->on_idle();
  CHECK(view.found.empty());
  view.record(core::member_joined{fake_view::member("c")});
  view.check->on_idle();
  CHECK(found(view, "wake.1 waits although event.agent_pool.pool.test.5 matched"));
}

TEST_CASE("nothing_overdue finds a wake and a message that would wait for good") {
  fake_view view{checks::nothing_overdue()};
  view.state = "";
  view.open_with({"a", "b"});
  auto wake = fake_view::wake("1", waking::registered);
  view.record(wake);
  view.check->on_idle();
  CHECK(view.found.empty());
  wake.stored->condition.timeout_millis = 5;
  view.record(wake);
  auto asking = fake_view::message("1", "b", status::delivered);
  asking.stored.message.edit().response_contract = core::response_contract{1, 5};
  view.record(asking);
  view.check->on_idle();
  CHECK(found(view, "wake.1 has a timeout and never times out"));
  CHECK(found(view, "message.1 waits for replies"));
}

TEST_CASE("replay finds a state that the log does not give") {
  fake_view view{checks::replay()};
  view.open_with({"a", "b"});
  core::pool replayed{fake_view::pool()};
  for (const auto& entry : view.logs[fake_view::pool()].entries())
    static_cast<void>(replayed.apply(entry));
  view.state = replayed.fingerprint();
  view.check->on_idle();
  CHECK(view.found.empty());
  view.state = "something else";
  view.check->on_idle();
  CHECK(found(view, "is not what the log gives"));
}

TEST_CASE("one_log finds what is published twice, and what is not durable") {
  fake_view view{checks::one_log()};
  view.open_with({"a", "b"});
  const auto entries = view.logs[fake_view::pool()].entries();
  view.check->on_published({0, 1}, fake_view::pool(), entries);
  CHECK(view.found.empty());
  const std::vector<core::entry_ptr> last{entries.back()};
  view.check->on_published({0, 1}, fake_view::pool(), last);
  CHECK(found(view, "published what is not durable"));
  view.found.clear();
  view.check->on_published({0, 2}, fake_view::pool(), std::vector{entries[1], entries[3]});
  CHECK(found(view, "published something else than the log has"));
}

TEST_CASE("streams finds an event that a subscriber got twice, and one that it never got") {
  fake_view view{checks::streams()};
  view.open_with({"a", "b"});
  const auto frame = [&](std::size_t place) {
    core::event_frame made;
    const auto& what = view.logs[fake_view::pool()].events()[place];
    made.event = core::project_event(fake_view::pool(), what);
    return std::vector{made};
  };
  view.check->on_frames(0, fake_view::pool(), frame(0));
  view.check->on_frames(0, fake_view::pool(), frame(1));
  CHECK(view.found.empty());
  view.check->on_frames(0, fake_view::pool(), frame(1));
  CHECK(found(view, "again, or out of order"));
  view.check->on_idle();
  CHECK(found(view, "never got event.agent_pool.pool.test.3"));
}

TEST_CASE("receipts_forward finds a status, a wake and a position that go back") {
  fake_view view{checks::receipts_forward()};
  view.answer(core::send_message{}, receipt("1", status::delivered));
  view.answer(core::send_message{}, receipt("1", status::responded));
  CHECK(view.found.empty());
  view.answer(core::send_message{}, receipt("1", status::delivered));
  CHECK(found(view, "message.1 was told as responded and then as delivered"));
  view.answer(core::poll_wake{}, registration("1", waking::triggered));
  view.answer(core::poll_wake{}, registration("1", waking::registered));
  CHECK(found(view, "wake.1 was told as triggered and then as registered"));
  view.answer(core::ack_inbox{core::run_id{"run.b"}, 5}, core::inbox_acked{5});
  view.answer(core::ack_inbox{core::run_id{"run.b"}, 4}, core::inbox_acked{4});
  CHECK(found(view, "the position of run.b went back"));
}

TEST_CASE("policies finds a recipient that the message must not reach") {
  fake_view view{checks::policies()};
  view.open_with({"a", "b"});
  view.deliver("1", "b");
  CHECK(view.found.empty());
  auto guarded = fake_view::message("2", "b", status::delivered);
  guarded.stored.message.edit().policy_refs.push_back({});
  view.record(guarded);
  CHECK(found(view, "recipients of message.2"));
  view.deliver("3", "nobody");
  CHECK(found(view, "recipients of message.3"));
}

TEST_CASE("bounds finds a run that is handed more than its window") {
  fake_view view{checks::bounds()};
  view.waiting = actors::engine_limits{}.run_window;
  view.check->on_delivered(fake_view::life("b"), {});
  CHECK(view.found.empty());
  ++view.waiting;
  view.check->on_delivered(fake_view::life("b"), {});
  CHECK(found(view, "run.b was handed 65 entries ahead"));
}

TEST_CASE("bounds finds a mailbox that holds more than is let in") {
  fake_view view{checks::bounds()};
  view.open_with({"a"});
  auto& store = view.longest[static_cast<std::size_t>(actors::actor_role::store)];
  store = actors::engine_limits{}.appends_max + 16;
  view.check->on_step();
  CHECK(view.found.empty());
  ++store;
  view.check->on_step();
  CHECK(found(view, "the mailbox of the store of engine 0 held 19 messages, and may hold 18"));
}

TEST_CASE("deadlock tells the cycle of runs that wait for each other") {
  fake_view view{checks::deadlock()};
  view.open_with({"a", "b"});
  const auto waits = [&](const std::string& id, const std::string& who, const std::string& whom) {
    auto wake = fake_view::wake(id, waking::registered);
    wake.stored->condition.run_id = core::run_id{"run." + who};
    wake.stored->condition.filter.run_ids.include = {core::run_id{"run." + whom}};
    view.record(wake);
  };
  view.run("a");
  view.run("b");
  view.run("c");
  waits("1", "a", "b");
  waits("2", "c", "a");
  view.check->on_idle();
  CHECK(view.found.empty());
  waits("3", "b", "a");
  view.check->on_idle();
  CHECK(found(view, "run.a waits for run.b (wake.1) waits for run.a (wake.3)"));
}
