// Several writers at once: threads on handles of their own.
#include <algorithm>
#include <map>
#include <string>
#include <thread>

#include "agentpool/stores/memory.hpp"
#include "agentpool/stores/sqlite.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "samples.hpp"

namespace agentpool::stores {
namespace {

const core::pool_id pool{"pool.contended"};
constexpr int messages_each = 60;

/// Which message each acknowledged append put where.
using acknowledged = std::map<std::uint64_t, std::string>;

core::append_request one_message(const std::string& id, core::log_position after) {
  const auto sequence = after.sequence + 1;
  auto payload = samples::message(id, core::message_status::accepted);
  return {pool, after, {samples::record(pool, sequence, std::move(payload))}, {}};
}

/// Appends messages one by one, each until it fits.
acknowledged write_messages(core::store_backend& store, const std::string& writer) {
  acknowledged done;
  core::log_position at;
  for (int i = 0; i < messages_each; ++i) {
    const std::string id = writer + "." + std::to_string(i);
    while (true) {
      const auto request = one_message(id, at);
      const auto result = value_of(store.append({&request, 1})).at(0);
      at = result.head;
      if (result.what == core::append_result::kind::conflict) continue;
      done.emplace(at.sequence, id);
      break;
    }
  }
  return done;
}

const core::message_id& message_of(const core::log_entry& entry) {
  return std::get<core::message_recorded>(entry.record()->payload).stored.message->message_id;
}

}  // namespace

TEST_CASE("writers on two handles make one sequence without gaps and lose nothing acknowledged") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  acknowledged first;
  acknowledged second;
  std::thread other{[&] { second = write_messages(store.other(), "other"); }};
  first = write_messages(store.one(), "one");
  other.join();
  const auto log = whole_log(store.one(), pool);
  REQUIRE(log.size() == 2 * messages_each);
  first.merge(second);
  REQUIRE(first.size() == log.size());
  for (std::size_t i = 0; i < log.size(); ++i) {
    CHECK(log[i]->record()->cursor.sequence == i + 1);
    CHECK(message_of(*log[i]).text() == first.at(i + 1));
  }
}

TEST_CASE("a reader on a handle of its own sees whole batches only") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  constexpr std::uint64_t batches = 40;
  std::thread writer{[&] {
    core::log_position at;
    for (std::uint64_t i = 0; i < batches; ++i)
      at = append(store.one(), samples::records(pool, at, 3));
  }};
  std::uint64_t seen = 0;
  bool only_whole = true;
  while (seen < 3 * batches) {
    seen = value_of(store.other().read(pool, {}, 1'000)).entries.size();
    only_whole = only_whole && seen % 3 == 0;
  }
  writer.join();
  CHECK(only_whole);
}

TEST_CASE("several programs may make the same file at the same moment") {
  const support::temporary_directory folder;
  const samples::set_clock clock{1};
  const std::string path = folder.file("pools.sqlite");
  std::vector<std::string> faults(4);
  std::vector<std::thread> openers;
  for (std::size_t i = 0; i < faults.size(); ++i)
    openers.emplace_back([&, i] {
      auto store = open_sqlite(path, clock);
      faults[i] = store ? std::string{} : store.error().message;
    });
  for (auto& opener : openers) opener.join();
  CHECK(faults == std::vector<std::string>(4));
}

TEST_CASE("several programs may make the same schema at the same moment") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  std::vector<std::string> faults(4);
  std::vector<std::thread> openers;
  for (auto& fault : faults)
    openers.emplace_back([&] {
      const auto store = schema.try_open();
      fault = store ? std::string{} : store.error().message;
    });
  for (auto& opener : openers) opener.join();
  CHECK(faults == std::vector<std::string>(4));
}

}  // namespace agentpool::stores
