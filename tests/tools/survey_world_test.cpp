// The survey's own agents in simulated worlds.
#include <fstream>
#include <memory>
#include <string>

#include "agentpool/sim/scenario.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "tools/survey_names.hpp"
#include "tools/survey_world.hpp"

using namespace agentpool;
using namespace agentpool::tools;

namespace {

sim::scenario scenario(std::uint64_t seed, const std::string& faults,
                       const std::string& workload = "survey") {
  add_survey_workload();
  sim::campaign what;
  what.workload = workload;
  what.faults = faults;
  return sim::scenario_of(what, seed).value();
}

std::string told(const sim::scenario_result& result) {
  return result.found ? result.found->check + ": " + result.found->what : "";
}

std::string trace_of(const sim::scenario& what) {
  std::string lines;
  sim::scenario_run how;
  how.trace = [&](std::string_view line) { lines.append(line).push_back('\n'); };
  INFO(told(sim::run_scenario(what, how)));
  return lines;
}

/// A bug: acknowledges a batch before anything was done about it.
class hasty_worker final : public actors::agent {
 public:
  explicit hasty_worker(std::unique_ptr<actors::agent> real) : real_{std::move(real)} {}
  void on_start(actors::run_context& context) override { real_->on_start(context); }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    context.acknowledge(entry.sequence);
    real_->on_message(context, entry);
  }
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override {
    real_->on_wake(context, notice);
  }

 private:
  std::unique_ptr<actors::agent> real_;
};

void set_up_hasty(sim::world& at, const sim::workload_size& size) {
  stage_survey(at, size, [](std::unique_ptr<actors::agent> real) {
    return std::make_unique<hasty_worker>(std::move(real));
  });
}

}  // namespace

TEST_CASE("a survey in a world without faults ends with the right report, and all leave") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto what = scenario(seed, "none");
    what.size = {1 + seed % 6, seed % 5};
    sim::world_options options;
    options.engines = 1 + seed % 2;
    options.thinking = what.thinking;
    sim::world at{seed, options};
    stage_survey(at, what.size);
    CHECK(at.run() == sim::world_end::idle);
    INFO("seed " << seed << " " << sim::to_json(what));
    CHECK(at.violations().empty());
    const auto& log = at.view().ledgers().at(survey_pool());
    CHECK(log.members().members().empty());
    CHECK(log.messages().at(job_message()).stored.receipt.status ==
          core::message_status::responded);
  }
}

TEST_CASE("surveys under mixed faults violate nothing: the first seeds of the campaign") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto what = scenario(seed, "mixed");
    const auto result = sim::run_scenario(what);
    INFO("seed " << seed << " " << told(result) << " " << sim::to_json(what));
    CHECK_FALSE(result.found);
  }
}

TEST_CASE("two surveys of one seed give the same trace, wherever their folders are") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto what = scenario(seed, "mixed");
    const auto once = trace_of(what);
    CHECK(once.size() > 10'000);
    CHECK(once == trace_of(what));
  }
}

TEST_CASE("a worker that acknowledges before it has answered is found") {
  add_survey_workload();
  sim::add_workload({"survey.hasty", "a survey with a bug", set_up_hasty});
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto result = sim::run_scenario(scenario(seed, "engine", "survey.hasty"));
    if (!result.found) continue;
    INFO(told(result));
    CHECK((result.found->check == "survey_ends" || result.found->check == "deadlock"));
    return;
  }
  FAIL("not found");
}

TEST_CASE("a workload of a program's own is known by its name, and a name is taken once") {
  add_survey_workload();
  add_survey_workload();
  REQUIRE(sim::find_workload("survey") != nullptr);
  CHECK_THROWS(sim::add_workload(*sim::find_workload("survey")));
  CHECK_THROWS(sim::add_workload({"all", "", set_up_hasty}));
  CHECK_THROWS(sim::add_workload({"nothing", "", nullptr}));
  CHECK(sim::workloads().back().name.starts_with("survey"));
  const auto made = scenario(3, "mixed");
  const auto read = sim::read_scenario(sim::to_json(made));
  REQUIRE(read);
  CHECK(*read == made);
}

TEST_CASE("a survey ends with its world") {
  std::weak_ptr<int> kept;
  {
    sim::world at{1};
    auto token = std::make_shared<int>(0);
    kept = token;
    stage_survey(at, {3, 2}, [token](std::unique_ptr<actors::agent> real) { return real; });
    token.reset();
    at.run();
    CHECK_FALSE(kept.expired());
  }
  CHECK(kept.expired());
}

TEST_CASE("surveys that once found something find nothing any more") {
  add_survey_workload();
  std::ifstream file{support::source_directory() / "tests/tools/kept_survey_scenarios.jsonl"};
  REQUIRE(file);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const auto read = sim::read_scenario(line);
    REQUIRE(read);
    const auto result = sim::run_scenario(*read);
    INFO("line " << lines + 1 << " " << told(result));
    CHECK_FALSE(result.found);
  }
  CHECK(lines > 0);
}
