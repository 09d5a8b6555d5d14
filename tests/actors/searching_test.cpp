// Looking back further than memory: the log is searched while the pool goes on.
#include <set>

#include "actors/scripted_world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// A pool that keeps little in memory, and reads the log in small pages.
actors::engine_options forgetful() {
  actors::engine_options options;
  options.pool_limits.recent_records = 4;
  options.pool_limits.recent_events = 4;
  options.limits.page_entries = 3;
  return options;
}

/// Ten messages, more than it keeps.
void open_with_messages(world& at) {
  at.open({"a", "b"});
  for (int i = 0; i < 10; ++i)
    at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "a", "b")});
}

core::suspend_until looking_back(const std::string& id) {
  return {core::run_id{"run.b"}, condition(id, "b", core::event_kind::run_message_delivered)};
}

}  // namespace

TEST_CASE("a wake looks back over history that is no longer in memory, before it waits") {
  scripted_world given{1, forgetful()};
  auto& at = given.at;
  open_with_messages(at);
  for (int i = 0; i < 10; ++i)
    CHECK(at.ask<core::wake_registration>(looking_back(std::to_string(i))).status ==
          core::wake_registration_status::triggered);
  CHECK(at.ask<core::wake_registration>(looking_back("last")).status ==
        core::wake_registration_status::registered);
}

TEST_CASE("while the log is searched for one request, the pool decides the others") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    scripted_world given{seed, forgetful()};
    auto& at = given.at;
    open_with_messages(at);
    const inbox_of<core::answer> waits;
    at.hold_store(true);
    auto tagged = looking_back("w");
    tagged.condition->filter.tags.include = {core::event_tag{"tag.of.none"}};
    at.pool().submit(tagged, waits.take());
    at.settle();
    const inbox_of<core::answer> members;
    at.pool().submit(core::list_members{}, members.take());
    at.settle();
    CHECK(members.only());
    CHECK(waits.empty());
    at.hold_store(false);
    at.settle();
    const auto& registration = std::get<core::wake_registration>(*waits.only());
    CHECK(registration.status == core::wake_registration_status::registered);
  }
}

TEST_CASE("what is published while the log is searched is looked at as well, once each") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    scripted_world given{seed, forgetful()};
    auto& at = given.at;
    open_with_messages(at);
    // Searches and sends under way at once: each of the 30 messages wakes exactly one of 30 waits.
    const inbox_of<core::answer> sends;
    const inbox_of<core::answer> waits;
    for (int i = 0; i < 30; ++i) {
      at.pool().submit(looking_back(std::to_string(i)), waits.take());
      if (i >= 10)
        at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")}, sends.take());
      at.steps(static_cast<int>(seed) % 7);
    }
    at.settle();
    std::set<std::string> matched;
    for (int i = 0; i < 30; ++i) {
      const core::wake_condition_id id{"condition." + std::to_string(i)};
      const auto report = at.ask<core::wake_report>(core::read_wake{id});
      CHECK(report.registration.status == core::wake_registration_status::triggered);
      if (report.notice) matched.insert(report.notice->matched_event_id->text());
    }
    CHECK(matched.size() == 30);
  }
}

TEST_CASE("a search that cannot read the log fails its request alone") {
  scripted_world given{1, forgetful()};
  auto& at = given.at;
  open_with_messages(at);
  given.does->reads_to_fail = 1;
  const auto failed = at.outcome_of(looking_back("w"));
  CHECK(failed.error().kind == core::store_unavailable("").kind);
  CHECK(at.ask<core::wake_registration>(looking_back("w")).status ==
        core::wake_registration_status::triggered);
}

TEST_CASE("more searches than a pool may have waiting are refused, and those that wait are not") {
  auto options = forgetful();
  options.limits.searches_max = 2;
  scripted_world given{1, options};
  auto& at = given.at;
  open_with_messages(at);
  at.hold_store(true);
  const inbox_of<core::answer> waits;
  for (int i = 0; i < 3; ++i) at.pool().submit(looking_back(std::to_string(i)), waits.take());
  at.settle();
  REQUIRE(waits.all->size() == 1);
  CHECK(waits.only().error().kind == core::overloaded("").kind);
  at.hold_store(false);
  at.settle();
  REQUIRE(waits.all->size() == 3);
  CHECK(waits.all->at(1));
  CHECK(waits.all->at(2));
}

TEST_CASE("a search outlives a failed append of others") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    scripted_world given{seed, forgetful()};
    auto& at = given.at;
    open_with_messages(at);
    given.does->appends_to_fail = 1;
    const inbox_of<core::answer> sent;
    const inbox_of<core::answer> waits;
    at.pool().submit(looking_back("w"), waits.take());
    at.pool().submit(core::send_message{message("x", "a", "b")}, sent.take());
    at.steps(static_cast<int>(seed) % 9);
    at.settle();
    REQUIRE(waits.all->size() == 1);
    CHECK(sent.all->size() == 1);
    // One of the two got the failed append; whoever it was may ask again.
    CHECK(at.ask<core::wake_registration>(looking_back("w")).status ==
          core::wake_registration_status::triggered);
  }
}
