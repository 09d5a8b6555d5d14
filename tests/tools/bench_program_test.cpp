#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "agentpool/core/json.hpp"
#include "agentpool/stores/sqlite.hpp"
#include "agentpool/stores/sqlite_baseline.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "tools/real_clock.hpp"

using namespace agentpool;
using namespace agentpool::support;
using nlohmann::json;

namespace {

ended bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  return run_to_end({program().string(), std::move(arguments)});
}

std::string read_file(const std::string& name) {
  std::ifstream file{name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("the benchmark lists its parts and those that were asked for") {
  const auto all = bench({"--list"});
  CHECK(all.exit_code == 0);
  CHECK_THAT(all.output, Catch::Matchers::StartsWith("send/memory/1/1\n"));
  const auto some = bench({"--list", "--only", "send/sqlite/64"});
  CHECK(some.output == "send/sqlite/64/1\nsend/sqlite/64/8\n");
}

TEST_CASE("the benchmark measures a PostgreSQL server only when it is given one") {
  CHECK(bench({"--only", "send/postgres", "--list"}).exit_code == 1);
  const auto with_server =
      bench({"--only", "send/postgres", "--list", "--postgres", "host=/nowhere"});
  CHECK(with_server.output == "send/postgres/1/1\nsend/postgres/64/1\nsend/postgres/1024/1\n");
}

TEST_CASE("the benchmark says which parts there are when none is meant") {
  const auto none = bench({"--only", "sned"});
  CHECK(none.exit_code == 1);
  CHECK(none.errors == "agentpool: no part begins with 'sned': see agentpool bench --list\n");
}

TEST_CASE("a short benchmark writes the figures of each part as JSON and as a table") {
  const temporary_directory folder;
  const auto file = folder.file("figures.json");
  const auto table = folder.file("figures.md");
  const auto end = bench({"--only", "send/", "--rounds", "1", "--seconds", "0.001", "--directory",
                          folder.path().string(), "--json", file, "--markdown", table});
  INFO(end.errors);
  REQUIRE(end.exit_code == 0);
  CHECK(read_file(table) == end.output);
  const auto parts = json::parse(read_file(file))["parts"];
  REQUIRE(parts.size() == 12);
  for (const auto& part : parts) {
    INFO(part.dump());
    CHECK(part["sends"] > 0);
    CHECK(part["sends_per_second"]["median"] > 0);
    CHECK(part["reference_per_second"]["median"] > 0);
    // Of one round; a side that was held up may be a thousand times slower.
    const auto ratio = part["sends_per_second"]["median"].get<double>() /
                       part["reference_per_second"]["median"].get<double>();
    CHECK(std::abs(part["ratio"]["median"].get<double>() - ratio) < 0.001);
    CHECK(part["latency_microseconds"]["p99_9"] >= part["latency_microseconds"]["p50"]);
    CHECK(part["sends_per_commit"] > 0);
    CHECK(part["row_bytes"] > 1'000);
    CHECK(part["peak_memory_kib"] > 0);
    CHECK((part["file_bytes_per_send"] > 0) == (part["store"] == "sqlite"));
  }
  // What it wrote for measuring is gone.
  std::size_t left = 0;
  for (const auto& each : std::filesystem::directory_iterator{folder.path()})
    left += each.is_directory() ? 1 : 0;
  CHECK(left == 0);
}

TEST_CASE(
    "every other part of the benchmark measures both sides, be it at a thousandth of its size") {
  const temporary_directory folder;
  const auto file = folder.file("figures.json");
  const auto listed = bench({"--list"});
  std::istringstream names{listed.output};
  std::size_t count = 0;
  for (std::string name; std::getline(names, name);) {
    if (name.starts_with("send/")) continue;
    INFO(name);
    const auto end = bench({"--only", name, "--rounds", "2", "--seconds", "0.001", "--scale",
                            "0.001", "--directory", folder.path().string(), "--json", file});
    INFO(end.errors);
    REQUIRE(end.exit_code == 0);
    const auto part = json::parse(read_file(file))["parts"][0];
    CHECK(part["name"] == name);
    CHECK(part["rounds"] == 2);
    CHECK(part["scale"] == 0.001);
    CHECK(!part["measures"].empty());
    // So few items may grow the heap by nothing.
    if (name.starts_with("memory/")) continue;
    for (const auto& measure : part["measures"]) {
      INFO(measure.dump());
      CHECK(measure["value"]["median"] > 0);
      if (!measure.contains("reference")) continue;
      CHECK(measure["reference_value"]["median"] > 0);
      // Written with three digits: a side that was held up may leave none of them.
      CHECK(measure["ratio"]["median"] >= measure["ratio"]["least"]);
      CHECK(measure["ratio"]["median"] <= measure["ratio"]["most"]);
    }
    ++count;
  }
  CHECK(count >= 20);
}

TEST_CASE("what the SQLite baseline writes is a log that the store reads") {
  const temporary_directory folder;
  const auto file = folder.file("baseline.sqlite");
  const core::store_payload opened = core::pool_opened{};
  auto baseline = stores::open_sqlite_baseline(file, {"pool.a", "pool.b"},
                                               {{"pool_opened", core::to_json(opened)}});
  REQUIRE(baseline);
  REQUIRE((*baseline)->write(3));
  REQUIRE((*baseline)->write(2));
  const tools::real_clock clock;
  auto store = stores::open_sqlite(file, clock);
  REQUIRE(store);
  CHECK(*stores::read_sqlite_baseline(file, "pool.a") == 3);
  CHECK(*stores::read_sqlite_baseline(file, "pool.none") == 0);
  CHECK((*store)->read(core::pool_id{"pool.a"}, {}, 100)->entries.size() == 3);
  CHECK((*store)->read(core::pool_id{"pool.b"}, {}, 100)->entries.size() == 2);
}
