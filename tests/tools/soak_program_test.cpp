#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::support;
using nlohmann::json;

namespace {

ended soak(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "soak");
  return run_to_end({program().string(), std::move(arguments)});
}

std::string read_file(const std::string& name) {
  std::ifstream file{name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::size_t times(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a soak of two seconds samples, sums up, and writes its figures and its plot") {
  const std::string store = GENERATE("memory", "sqlite");
  CAPTURE(store);
  const temporary_directory folder;
  const auto file = folder.file("soak.json");
  const auto plot = folder.file("soak.svg");
  const auto end =
      soak({"--for", "2", "--every", "0.2", "--store", store, "--directory", folder.path().string(),
            "--runs", "8", "--in-flight", "32", "--json", file, "--svg", plot});
  INFO(end.errors);
  REQUIRE(end.exit_code == 0);
  const auto results = json::parse(read_file(file));
  const auto& samples = results["samples"];
  REQUIRE(samples.size() >= 2);
  CHECK(times(end.errors, " sends/s") == samples.size());
  double seconds = 0;
  std::uint64_t sends = 0;
  for (const auto& sample : samples) {
    INFO(sample.dump());
    CHECK(sample["seconds"] > seconds);
    CHECK(sample["sends"] >= sends);
    CHECK(sample["resident_bytes"] > 1'000'000);
    CHECK(sample["machine_rate"] > 0);
    CHECK((sample["store_bytes"] > 0) == (store == "sqlite"));
    seconds = sample["seconds"];
    sends = sample["sends"];
  }
  CHECK(sends > 1'000);
  CHECK(results["wakes"] > 0);
  for (const char* tenth : {"second_tenth", "last_tenth"}) {
    CHECK(results[tenth]["sends_per_second"] > 0);
    CHECK(results[tenth]["latency_microseconds"]["p99"] >=
          results[tenth]["latency_microseconds"]["p50"]);
    CHECK(results[tenth]["cpu_microseconds_per_send"] > 0);
  }
  CHECK(end.output.find("memory grew by ") != std::string::npos);
  CHECK(times(read_file(plot), "<polyline") == 5);
  // What it wrote for measuring is gone.
  for (const auto& each : std::filesystem::directory_iterator{folder.path()})
    CHECK(!each.is_directory());
}

TEST_CASE("a soak between fewer than two runs, or on no known store, is wrong usage") {
  CHECK(soak({"--runs", "1"}).exit_code == 2);
  CHECK(soak({"--store", "floppy"}).exit_code == 2);
  CHECK(soak({"--for", "0"}).exit_code == 2);
}
