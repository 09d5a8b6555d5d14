// What every store promises of its registry, over each of them.
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "registry_kit.hpp"

namespace agentpool::stores {
namespace {

using registry::all_rows;
using registry::fitting;
using registry::put;
using registry::removal;
using registry::row_of;
using registry::write;
using registry::write_all;
using rows = std::vector<core::registry_row>;

std::vector<std::string> keys_of(const rows& all) {
  std::vector<std::string> keys;
  for (const auto& row : all) keys.push_back(row.key);
  return keys;
}

std::string refusal(const core::outcome<std::vector<core::registry_written>>& answers) {
  REQUIRE_FALSE(answers.ok());
  CHECK(answers.error().retry == core::retry_classification::repair_needed);
  return answers.error().message;
}

}  // namespace

TEST_CASE("a registry that nobody wrote to is empty") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  CHECK(all_rows(store.one()).empty());
  CHECK_FALSE(row_of(store.one(), "a"));
  CHECK(write_all(store.one(), {}).empty());
}

TEST_CASE("a row that is not there is made, and read back by every handle") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto version = fitting(store.one(), put("a", "node é \n\" 1"));
  CHECK(version > 0);
  const core::registry_row expected{"lease", "a", "node é \n\" 1", version};
  CHECK(all_rows(store.other()) == rows{expected});
  CHECK(row_of(store.other(), "a") == expected);
  CHECK(fitting(store.other(), put("b", "")) != version);
  CHECK(row_of(store.one(), "b")->value.empty());
}

TEST_CASE("a row that is there is changed by whoever knows its version, and by nobody else") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto first = fitting(store.one(), put("a", "1"));
  CHECK_FALSE(write(store.other(), put("a", "no")));
  CHECK_FALSE(write(store.other(), put("a", "no", first + 1)));
  CHECK_FALSE(write(store.other(), put("a", "no", UINT64_MAX)));
  CHECK(row_of(store.one(), "a")->value == "1");
  const auto second = fitting(store.other(), put("a", "2", first));
  CHECK(second > first);
  CHECK_FALSE(write(store.one(), put("a", "no", first)));
  CHECK_FALSE(write(store.one(), removal("a", first)));
  CHECK_FALSE(write(store.one(), removal("a", 0)));
  CHECK(row_of(store.one(), "a") == core::registry_row{"lease", "a", "2", second});
}

TEST_CASE("a write that expects what is not there is a conflict and makes nothing") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  CHECK_FALSE(write(store.one(), put("a", "no", 1)));
  CHECK_FALSE(write(store.one(), removal("a", 1)));
  CHECK(all_rows(store.one()).empty());
}

TEST_CASE("a row is removed by whoever knows its version; none needs no removal") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto version = fitting(store.one(), put("a", "1"));
  CHECK(write(store.other(), removal("a", version)) == core::registry_written{0});
  CHECK(all_rows(store.one()).empty());
  CHECK_FALSE(write(store.one(), removal("a", version)));
  CHECK(write(store.one(), removal("a", 0)) == core::registry_written{0});
}

TEST_CASE("a version is never used again, also when its row was removed") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  std::uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    const auto made = fitting(i % 2 == 0 ? store.one() : store.other(), put("a", "x"));
    CHECK(made > last);
    last = fitting(store.one(), put("b" + std::to_string(i), "x"));
    CHECK(last > made);
    fitting(store.other(), removal("a", made));
  }
  CHECK_FALSE(write(store.one(), put("a", "no", last)));
}

TEST_CASE("rows are read by the bytes of their keys, those of one space alone") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  std::vector<std::string> keys{"a",  "B", "b.a", "b",  "b-a", "é", "z", "\x01", "\x7f", "A b",
                                "a ", "𝄞", "ﬀ",   "Ab", "10",  "9", "_", "e",    "E"};
  std::vector<core::registry_write> writes;
  for (const auto& key : keys) writes.push_back(put(key, "value of " + key));
  for (const char* space : {"leas", "lease ", "Lease", "leasf"})
    writes.push_back({space, "c", "other", 0});
  for (const auto& answer : write_all(store.one(), writes)) CHECK(answer);
  std::ranges::sort(keys);
  CHECK(keys_of(all_rows(store.other(), "lease", GENERATE(1U, 2U, 7U, 100U))) == keys);
  CHECK(all_rows(store.other(), "leas").size() == 1);
  CHECK(all_rows(store.other(), "le").empty());
}

TEST_CASE("a page begins after a key, which need not be there, and has at least one row") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  write_all(store.one(), {put("a", "1"), put("c", "2"), put("e", "3")});
  const auto page = [&](const std::string& after, std::size_t most) {
    return keys_of(value_of(store.other().read_registry({"lease", {}, after, most})));
  };
  using keys = std::vector<std::string>;
  CHECK(page("a", 1) == keys{"c"});
  CHECK(page("b", 9) == keys{"c", "e"});
  CHECK(page("", 2) == keys{"a", "c"});
  CHECK(page("e", 9).empty());
  CHECK(page("", 0) == keys{"a"});
  CHECK(page("", SIZE_MAX) == keys{"a", "c", "e"});
  CHECK(keys_of(value_of(store.one().read_registry({"lease", "c", "z", 1}))) == keys{"c"});
}

TEST_CASE("a conflict amid a call leaves the other writes alone") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto version = fitting(store.one(), put("b", "1"));
  const auto answers =
      write_all(store.other(), {put("c", "new"), put("b", "no", version + 7), put("a", "new"),
                                removal("b", version), removal("d", 3)});
  CHECK(answers[0]);
  CHECK_FALSE(answers[1]);
  CHECK(answers[2]);
  CHECK(answers[3] == core::registry_written{0});
  CHECK_FALSE(answers[4]);
  const auto all = all_rows(store.one());
  REQUIRE(keys_of(all) == std::vector<std::string>{"a", "c"});
  CHECK(all[0].version == *answers[2]);
  CHECK(all[1].version == *answers[0]);
  CHECK(all[0].version != all[1].version);
}

TEST_CASE("the later writes of a call see the earlier ones") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto version = fitting(store.one(), put("a", "1"));
  const auto answers = write_all(
      store.one(), {put("b", "first"), put("b", "no"), removal("a", version), removal("a", version),
                    removal("a", 0), put("a", "again"), put("a", "no"), put("a", "no", version)});
  CHECK(answers[0]);
  CHECK_FALSE(answers[1]);
  CHECK(answers[2] == core::registry_written{0});
  CHECK_FALSE(answers[3]);
  CHECK(answers[4] == core::registry_written{0});
  REQUIRE(answers[5]);
  CHECK(*answers[5] > version);
  CHECK_FALSE(answers[6]);
  CHECK_FALSE(answers[7]);
  CHECK(row_of(store.other(), "a") == core::registry_row{"lease", "a", "again", *answers[5]});
  CHECK(row_of(store.other(), "b")->value == "first");
}

TEST_CASE("what no registry can take is refused before anything is written") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const std::string long_name(1'025, 'k');
  const core::registry_write wrong[] = {
      {"", "a", "v", 0},
      {"lease", "", "v", 0},
      put("a\xff", "v"),
      put("a", "v\xc0\xaf"),
      put(std::string{"a\0b", 3}, "v"),
      put("a", std::string{"\0", 1}),
      {"s\xed\xa0\x80", "a", "v", 0},
      {"s", "a\x80", std::nullopt, 1},
      put(long_name, "v"),
      {long_name, "a", "v", 0},
  };
  for (const auto& one : wrong) {
    const std::vector<core::registry_write> writes{put("fine", "v"), one};
    CHECK(refusal(store.one().write_registry(writes)).find("write 2 of 2") != std::string::npos);
  }
  CHECK(all_rows(store.other()).empty());
  const core::registry_query questions[] = {
      {""},          {"s\xff"},         {"s", ""},
      {"s", "\xff"}, {"s", {}, "\xff"}, {"s", {}, std::string{"\0", 1}}};
  for (const auto& question : questions) {
    const auto answer = store.one().read_registry(question);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().retry == core::retry_classification::repair_needed);
  }
}

TEST_CASE("the longest names and a value of a megabyte are kept") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  std::string name;
  // No two alike, so that no store can make them shorter.
  for (unsigned i = 0, x = 1; i < 1'024; ++i)
    name += static_cast<char>('!' + (x = x * 75 % 65'537) % 90);
  const std::string value(1'048'576, 'v');
  const std::vector<core::registry_write> writes{{name, name, value, 0}};
  CHECK(value_of(store.one().write_registry(writes)).at(0));
  const auto found = value_of(store.other().read_registry({name, name}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].key == name);
  CHECK(found[0].value == value);
}

TEST_CASE("the registry is no part of any log") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const core::pool_id pool{"pool.a"};
  append(store.one(), samples::records(pool, {}, 2));
  awaited_changes(store.other(), store.has_two() ? 1 : 0);
  fitting(store.one(), {"pool", "pool.a", "node.1", 0});
  fitting(store.one(), {"pool", "pool.b", "node.1", 0});
  CHECK(value_of(store.other().changed_pools()).empty());
  CHECK(value_of(store.other().list_pools()) == std::vector{pool});
  CHECK(value_of(store.other().head(pool)) == core::log_position{2, 0});
  CHECK(append(store.other(), samples::records(pool, {2, 0}, 1)) == core::log_position{3, 0});
}

TEST_CASE("of two handles that want one row exactly one gets it") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  constexpr int keys = 60;
  const auto claim_all = [](core::store_backend& handle, const std::string& name) {
    std::set<std::string> won;
    for (int i = 0; i < keys; ++i) {
      const auto key = std::to_string(i);
      if (write(handle, put(key, name))) won.insert(key);
    }
    return won;
  };
  std::set<std::string> others;
  std::thread other{[&] { others = claim_all(store.other(), "other"); }};
  const auto mine = claim_all(store.one(), "one");
  other.join();
  CHECK(mine.size() + others.size() == keys);
  for (const auto& row : all_rows(store.one()))
    CHECK((row.value == "one" ? mine : others).contains(row.key));
}

TEST_CASE("two handles that count in one row count everything, and in rows of any order") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  constexpr int steps = 40;
  // Several rows in one call, the two handles in opposite order: neither waits for the other in a
  // ring.
  const auto count = [](core::store_backend& handle, std::vector<std::string> keys) {
    std::map<std::string, int> left;
    for (const auto& key : keys) left[key] = steps;
    while (!left.empty()) {
      std::vector<core::registry_write> writes;
      for (const auto& key : keys) {
        if (!left.contains(key)) continue;
        const auto row = row_of(handle, key);
        const int value = row ? std::stoi(row->value) : 0;
        writes.push_back(put(key, std::to_string(value + 1), row ? row->version : 0));
      }
      const auto answers = write_all(handle, writes);
      for (std::size_t i = 0; i < writes.size(); ++i)
        if (answers[i] && --left[writes[i].key] == 0) left.erase(writes[i].key);
    }
  };
  std::thread other{[&] { count(store.other(), {"a", "b", "c"}); }};
  count(store.one(), {"c", "b", "a"});
  other.join();
  for (const auto& row : all_rows(store.one())) CHECK(row.value == std::to_string(2 * steps));
}

namespace {

int below(int bound) { return *rc::gen::inRange(0, bound); }

/// What a writer believes of a row before a call.
enum class belief { absent, known, former };

struct registry_step {
  std::string key;
  std::optional<std::string> value;
  belief what;
};

/// A store with what is known of its versions, which are other ones in each.
struct followed {
  core::store_backend* store;
  std::map<std::string, std::uint64_t> known;
  std::map<std::string, std::uint64_t> former;

  /// The answers without versions: 0 for a conflict, 1 for a row, 2 for none.
  std::vector<int> answers_to(const std::vector<registry_step>& steps) {
    std::vector<core::registry_write> writes;
    for (const auto& step : steps) {
      auto& before = step.what == belief::known ? known : former;
      const auto expected = step.what == belief::absent ? 0 : before[step.key];
      writes.push_back({"lease", step.key, step.value, expected});
    }
    const auto written = write_all(*store, writes);
    std::vector<int> answers;
    for (std::size_t i = 0; i < written.size(); ++i) {
      answers.push_back(!written[i] ? 0 : *written[i] > 0 ? 1 : 2);
      if (written[i]) former[steps[i].key] = std::exchange(known[steps[i].key], *written[i]);
    }
    return answers;
  }

  std::vector<std::pair<std::string, std::string>> rows() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& row : all_rows(*store)) {
      RC_ASSERT(row.version == known.at(row.key));
      all.emplace_back(row.key, row.value);
    }
    return all;
  }
};

void same_registry(backend durable) {
  fresh_store memory{backend::memory};
  fresh_store other{durable};
  followed a{&memory.one(), {}, {}};
  followed b{&other.one(), {}, {}};
  for (int calls = below(8); calls > 0; --calls) {
    std::vector<registry_step> steps;
    for (int writes = below(5); writes > 0; --writes) {
      auto value = below(3) == 0 ? std::nullopt : std::optional{std::to_string(below(100))};
      steps.push_back({std::string(1, static_cast<char>('a' + below(3))), std::move(value),
                       static_cast<belief>(below(3))});
    }
    RC_ASSERT(a.answers_to(steps) == b.answers_to(steps));
  }
  RC_ASSERT(a.rows() == b.rows());
}

}  // namespace

TEST_CASE("memory and sqlite answer any writes to the registry alike") {
  CHECK(rc::check([] { same_registry(backend::sqlite); }));
}

TEST_CASE("memory and postgres answer any writes to the registry alike") {
  if (!has_postgres()) return;
  CHECK(rc::check([] { same_registry(backend::postgres); }));
}

}  // namespace agentpool::stores
