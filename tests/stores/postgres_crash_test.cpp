// A PostgreSQL store whose server or connection goes away: what was acknowledged stays, what was
// not is there once or not at all.
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "postgres_proxy.hpp"
#include "samples.hpp"

namespace agentpool::stores {
namespace {

using namespace std::chrono_literals;
using kind = core::append_result::kind;

const core::pool_id pool{"pool.a"};
const samples::set_clock fixed_clock{5'000};

/// A busy machine takes its time to start a server.
const postgres_options patient{.call_wait_max = 120s};

core::append_request one_message(const std::string& id, core::log_position after) {
  auto payload = samples::message(id, core::message_status::accepted);
  return {pool, after, {samples::record(pool, after.sequence + 1, std::move(payload))}, {}};
}

std::string message_of(const core::log_entry& entry) {
  const auto& recorded = std::get<core::message_recorded>(entry.record()->payload);
  return recorded.stored.message->message_id.text();
}

std::vector<std::string> messages_in(core::store_backend& store) {
  std::vector<std::string> ids;
  for (const auto& entry : whole_log(store, pool)) ids.push_back(message_of(*entry));
  return ids;
}

/// Appends messages one by one until told to end, each until it is acknowledged.
std::vector<std::string> write_until(core::store_backend& store, const std::atomic<bool>& enough,
                                     std::atomic<int>& written) {
  std::vector<std::string> acknowledged;
  core::log_position at;
  while (!enough) {
    const std::string id = "message." + std::to_string(acknowledged.size());
    const auto request = one_message(id, at);
    const auto results = value_of(store.append({&request, 1}));
    if (results[0].what != kind::appended) throw std::runtime_error{"nobody else writes here"};
    at = results[0].head;
    acknowledged.push_back(id);
    ++written;
  }
  return acknowledged;
}

void wait_for(const std::atomic<int>& counter, int value) {
  while (counter < value) std::this_thread::yield();
}

/// A store behind a proxy, and one that goes to the server itself.
struct proxied {
  fresh_schema schema;
  postgres_proxy proxy{shared_postgres().folder().path().string()};
  std::unique_ptr<core::store_backend> direct = schema.open();

  [[nodiscard]] std::unique_ptr<core::store_backend> open(postgres_options options = {}) const {
    options.schema = schema.name();
    return value_of(open_postgres(proxy.conninfo(), fixed_clock, options));
  }
};

}  // namespace

TEST_CASE("a server that is killed between two appends is found again by itself") {
  if (!has_postgres()) return;
  support::postgres_server server;
  const auto store = value_of(open_postgres(server.conninfo(), fixed_clock, patient));
  const auto head = append(*store, samples::records(pool, {}, 3));
  server.kill();
  server.start();
  CHECK(whole_log(*store, pool).size() == 3);
  CHECK(append(*store, samples::records(pool, head, 1)) == core::log_position{4, 0});
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
  CHECK(value_of(store->changed_pools()).empty());
}

TEST_CASE("nothing is lost or doubled when the server is killed again and again during appends") {
  if (!has_postgres()) return;
  support::postgres_server server;
  const auto store = value_of(open_postgres(server.conninfo(), fixed_clock, patient));
  std::atomic<bool> enough{false};
  std::atomic<int> written{0};
  std::vector<std::string> acknowledged;
  std::string fault;
  std::thread writer{[&] {
    try {
      acknowledged = write_until(*store, enough, written);
    } catch (const std::exception& thrown) {
      fault = thrown.what();
      written = 1'000'000;
    }
  }};
  for (int kills = 0; kills < 4; ++kills) {
    wait_for(written, written + 7);
    server.kill();
    server.start();
  }
  wait_for(written, written + 7);
  enough = true;
  writer.join();
  CHECK(fault.empty());
  const auto fresh = value_of(open_postgres(server.conninfo(), fixed_clock));
  CHECK(messages_in(*fresh) == acknowledged);
}

TEST_CASE("a commit whose answer is lost is found to be done, and is not done twice") {
  if (!has_postgres()) return;
  proxied given;
  const auto store = given.open();
  auto at = append(*store, one_message("first", {}));
  given.proxy.swallow_commit();
  at = append(*store, one_message("second", at));
  CHECK(given.proxy.swallowed());
  CHECK(at == core::log_position{2, 0});
  append(*store, one_message("third", at));
  CHECK(messages_in(*given.direct) == std::vector<std::string>{"first", "second", "third"});
}

TEST_CASE("a checkpoint whose commit's answer is lost has its number") {
  if (!has_postgres()) return;
  proxied given;
  const auto store = given.open();
  append(*store, one_message("first", {}));
  given.proxy.swallow_commit();
  const auto number = value_of(store->keep_checkpoint({pool, {{1, 0}, "head", {"part"}}, {}, {}}));
  CHECK(given.proxy.swallowed());
  REQUIRE(number == std::optional<std::uint64_t>{1});
  CHECK(value_of(given.direct->read_checkpoint(pool)).value().number == *number);
}

TEST_CASE("a backend that dies in its commit has not committed, and the append is done again") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  auto raw = schema.raw();
  raw.run("CREATE SEQUENCE deaths");
  raw.run(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF nextval('" +
      schema.name() +
      ".deaths') <= 2 THEN"
      "  PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END $$");
  raw.run(
      "CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON agent_pool_records DEFERRABLE INITIALLY"
      " DEFERRED FOR EACH ROW EXECUTE FUNCTION die()");
  CHECK(append(*store, one_message("only", {})) == core::log_position{1, 0});
  CHECK(raw.value("SELECT last_value FROM deaths") == "3");
  CHECK(messages_in(*store) == std::vector<std::string>{"only"});
}

TEST_CASE("what cannot be settled yet keeps the handle from every answer, and is told of later") {
  if (!has_postgres()) return;
  proxied given;
  const auto store = given.open({.connect_wait_max = 100ms, .call_wait_max = 300ms});
  const auto at = append(*store, one_message("first", {}));
  given.proxy.shut(true);
  given.proxy.swallow_commit();
  const auto request = one_message("second", at);
  const auto open = store->append({&request, 1});
  REQUIRE_FALSE(open.ok());
  CHECK(open.error().kind == core::agent_error_kind::journal_failure);
  CHECK(open.error().message.find("pool.a, sequence 2") != std::string::npos);
  CHECK_FALSE(store->head(pool).ok());
  CHECK_FALSE(store->append({&request, 1}).ok());
  given.proxy.shut(false);
  CHECK(value_of(store->append({&request, 1})).at(0).what == kind::conflict);
  CHECK(value_of(store->head(pool)) == core::log_position{2, 0});
  CHECK(messages_in(*store) == std::vector<std::string>{"first", "second"});
}

TEST_CASE("what a network that went silent left half sent holds nobody up and is not appended") {
  if (!has_postgres()) return;
  proxied given;
  const auto store = given.open({.call_wait_max = 3s});
  given.proxy.halt_in_insert();
  const auto request = one_message("only", {});
  CHECK_FALSE(store->append({&request, 1}).ok());
  CHECK(append(*store, request) == core::log_position{1, 0});
  CHECK(messages_in(*given.direct) == std::vector<std::string>{"only"});
}

TEST_CASE(
    "while the server is away a look for changes costs no waiting, and then names all pools") {
  if (!has_postgres()) return;
  proxied given;
  const auto store = given.open({.connect_wait_max = 5s, .call_wait_max = 300ms});
  append(*given.direct, one_message("first", {}));
  CHECK(awaited_changes(*store) == std::vector{pool});
  given.proxy.shut(true);
  given.proxy.swallow_commit();
  const core::pool_id other{"pool.b"};
  const auto request = samples::records(other, {});
  CHECK_FALSE(store->append({&request, 1}).ok());
  int refusals = 0;
  for (int looks = 0; looks < 40; ++looks) refusals += store->changed_pools().ok() ? 0 : 1;
  CHECK(refusals > 0);
  CHECK(refusals < 10);
  given.proxy.shut(false);
  std::set<core::pool_id> told;
  for (int looks = 0; looks < 100; ++looks)
    if (const auto changed = store->changed_pools()) told.insert(changed->begin(), changed->end());
  CHECK(told == std::set{pool, other});
}

}  // namespace agentpool::stores
