// Contents of a store through an engine: kept together, bounded, and no caller pays for another's.
#include <string>
#include <vector>

#include "actors/scripted_world.hpp"
#include "agentpool/actors/system_clock.hpp"
#include "agentpool/stores/sqlite.hpp"
#include "catch.hpp"
#include "support/temporary_directory.hpp"

namespace agentpool::testing {
namespace {

using kept = inbox_of<core::content_ref>;
using found = inbox_of<std::optional<std::string>>;

/// Has all of them kept at once, and gives what came of each.
std::vector<kept> put_all(world& at, const std::vector<std::string>& bodies) {
  std::vector<kept> answers(bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i)
    at.engine.put_content(bodies[i], answers[i].take());
  at.settle();
  return answers;
}

std::optional<std::string> get(world& at, const core::content_ref& name) {
  found answer;
  at.engine.get_content(name, answer.take());
  at.settle();
  return answer.only().value();
}

/// A world on a store of those bounds.
struct bounded_world {
  std::shared_ptr<script> does = std::make_shared<script>();
  world at;

  explicit bounded_world(core::content_limits contents, actors::engine_options options = {})
      : at{std::make_unique<scripted_store>(does, std::make_shared<stores::memory_log>(contents)),
           1, std::move(options)} {}
};

}  // namespace

TEST_CASE("a content is kept under the name of its bytes, and got back by it") {
  support::temporary_directory folder;
  const actors::system_clock clock;
  actors::engine engine{*stores::open_sqlite(folder.file("pools.sqlite"), clock)};
  const std::string bytes{"\0\xff body", 7};
  const auto name = engine.put_content(bytes);
  REQUIRE(name.ok());
  CHECK(*name == core::content_name(bytes));
  CHECK(engine.get_content(*name).value() == bytes);
  CHECK(engine.put_content(bytes).value() == *name);
  CHECK_FALSE(engine.get_content(core::content_name("unknown")).value());
  CHECK(engine.get_content(core::content_ref{"content.other"}).error().retry ==
        core::retry_classification::repair_needed);
}

TEST_CASE("contents that are given while the store is busy share a transaction") {
  scripted_world given;
  auto& at = given.at;
  at.hold_store(true);
  std::vector<kept> answers(5);
  for (std::size_t i = 0; i < answers.size(); ++i)
    at.engine.put_content(std::to_string(i), answers[i].take());
  at.settle();
  for (const auto& answer : answers) CHECK(answer.empty());
  at.hold_store(false);
  at.settle();
  CHECK(given.does->content_batches == std::vector<std::size_t>{5});
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(answers[i].only().value() == core::content_name(std::to_string(i)));
    CHECK(get(at, answers[i].only().value()) == std::to_string(i));
  }
}

TEST_CASE("a content that was given is found by who asks for it right after") {
  scripted_world given;
  auto& at = given.at;
  at.hold_store(true);
  kept name;
  found bytes;
  kept other;
  at.engine.put_content("abc", name.take());
  at.engine.get_content(core::content_name("abc"), bytes.take());
  at.engine.put_content("de", other.take());
  at.hold_store(false);
  at.settle();
  CHECK(bytes.only().value() == "abc");
  CHECK(name.only().ok());
  CHECK(other.only().ok());
}

TEST_CASE("a transaction takes about as many bytes of contents as the limit says, at least one") {
  actors::engine_options options;
  options.limits.content_batch_bytes = 10;
  scripted_world given{1, options};
  const auto answers = put_all(given.at, {std::string(30, 'a'), "12345", "54321", "x"});
  for (const auto& answer : answers) CHECK(answer.only().ok());
  CHECK(given.does->content_batches == std::vector<std::size_t>{1, 2, 1});
}

TEST_CASE("who has too large a content kept, or one too many, spoils nothing for the others") {
  bounded_world given{{.item_bytes_max = 10, .total_bytes_max = 12}};
  const auto answers = put_all(given.at, {"1234", std::string(11, 'x'), "567890", "abc", "ab"});
  CHECK(answers[0].only().ok());
  CHECK(answers[1].only().error().retry == core::retry_classification::repair_needed);
  CHECK(answers[2].only().ok());
  CHECK(answers[3].only().error().message.find("total_bytes_max 12") != std::string::npos);
  CHECK(answers[3].only().error().retry == core::retry_classification::retryable);
  CHECK(answers[4].only().ok());
}

TEST_CASE("a store that fails is asked once for contents that were given together") {
  scripted_world given;
  given.does->puts_to_fail = 1;
  for (const auto& answer : put_all(given.at, {"a", "b", "c"}))
    CHECK(answer.only().error().retry == core::retry_classification::retryable);
  CHECK(given.does->content_batches.size() == 1);
  given.does->throws = true;
  CHECK_FALSE(put_all(given.at, {"a"})[0].only().ok());
  given.does->throws = false;
  CHECK(put_all(given.at, {"a"})[0].only().ok());
}

TEST_CASE("bytes of contents that wait for the store are bounded, and there is room again after") {
  actors::engine_options options;
  options.limits.content_waiting_bytes = 10;
  scripted_world given{1, options};
  auto& at = given.at;
  at.hold_store(true);
  std::vector<kept> answers(4);
  at.engine.put_content("12345", answers[0].take());
  at.engine.put_content("67890", answers[1].take());
  at.engine.put_content("", answers[2].take());
  REQUIRE_FALSE(answers[2].empty());
  CHECK(answers[2].only().error().message.find("content_waiting_bytes 10") != std::string::npos);
  at.hold_store(false);
  at.settle();
  CHECK(answers[0].only().ok());
  CHECK(answers[1].only().ok());
  at.engine.put_content("again", answers[3].take());
  at.settle();
  CHECK(answers[3].only().ok());
}

TEST_CASE("contents and questions of the store share the bound of its requests") {
  actors::engine_options options;
  options.limits.requests_max = 1;
  scripted_world given{1, options};
  auto& at = given.at;
  at.hold_store(true);
  std::vector<kept> answers(3);
  at.engine.put_content("a", answers[0].take());
  at.engine.put_content("b", answers[1].take());
  REQUIRE_FALSE(answers[1].empty());
  CHECK(answers[1].only().error().message.find("requests_max 1") != std::string::npos);
  at.hold_store(false);
  at.settle();
  at.engine.put_content("b", answers[2].take());
  at.settle();
  CHECK(answers[2].only().ok());
}

TEST_CASE("closing keeps the contents that were given, and refuses what comes after") {
  const auto log = std::make_shared<stores::memory_log>();
  kept before;
  kept after;
  {
    world at{std::make_unique<stores::memory_store>(log)};
    at.engine.put_content("abc", before.take());
    at.engine.close();
    at.engine.put_content("de", after.take());
  }
  CHECK(before.only().ok());
  CHECK_FALSE(after.only().ok());
  stores::memory_store store{log};
  CHECK(store.get_content(core::content_name("abc")).value() == "abc");
  CHECK_FALSE(store.get_content(core::content_name("de")).value());
}

}  // namespace agentpool::testing
