#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "agentpool/core/addressing.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tools/survey_lead.hpp"
#include "tools/survey_names.hpp"
#include "tools/survey_report.hpp"
#include "tools/survey_worker.hpp"
#include "tools/toy_engine.hpp"

using namespace agentpool;
using namespace agentpool::tools;
using support::temporary_directory;
using support::toy_engine;
using support::toy_log;

namespace {

/// A survey of some small files whose only memory between lives is the log and the folder.
class toy_survey {
 public:
  explicit toy_survey(std::uint64_t files)
      : folder_{survey_folder::beside(kept_.file("s")).value()} {
    for (std::uint64_t i = 0; i < files; ++i)
      std::ofstream{tree_.path() / ("f" + std::to_string(i))} << std::string(i, 'x') << " same\n";
    plan_ = list_files(
                tree_.path(), [](const auto&) { return false; }, 2)
                .value();
    REQUIRE(folder_.write(plan_name, to_text(plan_)).ok());
  }

  /// One life with so many workers, ended by a crash at the request after `requests`, wherever it
  /// is asked. True when all is done.
  bool live(std::uint64_t runs, unsigned long seed, std::uint64_t requests) {
    const auto before = log_now();
    if (before.finished()) return true;
    survey_board board;
    const survey_site site{folder_, board, runs, {}};
    toy_engine engine{survey_pool(), log_, seed};
    engine.crash_after(requests);
    try {
      engine.ask(core::open_pool{});
      start(engine, site, before);
      while (engine.step()) {
      }
      if (log_now().is_member(host_run())) engine.ask(core::leave_run{host_run()});
    } catch (const support::toy_crash&) {
    }
    if (const auto trouble = board.trouble()) throw std::runtime_error(trouble->message);
    return log_now().finished();
  }

  [[nodiscard]] survey_log log_now() const {
    survey_log read;
    for (const auto& entry : log_.entries) read.take(*entry);
    return read;
  }

  [[nodiscard]] std::string report() const {
    auto plan = plan_;
    plan.directory.clear();  // Each survey has a folder of its own.
    return as_json(report_of(plan, tally_from_text(folder_.read(report_name).value()).value(),
                             log_now().costs()));
  }

 private:
  void start(toy_engine& engine, const survey_site& site, const survey_log& before) {
    const bool to_do = !before.reported();
    if (to_do || before.is_member(host_run()))
      engine.ask(core::join_run{{host_run(), host_agent(), {}, {}}});
    auto workers = before.busy_workers();
    for (std::uint64_t number = 1; to_do && number <= site.runs; ++number) workers.insert(number);
    for (const auto number : workers)
      engine.start(worker_run(number), worker_agent(),
                   std::make_unique<survey_worker>(site, number, before.worker(number)));
    if (to_do || before.is_member(lead_run()))
      engine.start(lead_run(), lead_agent(), std::make_unique<survey_lead>(site, before.lead()));
    if (!to_do) return;
    core::run_message job;
    job.message_id = job_message();
    job.idempotency_key = job_key();
    job.from = host_run();
    job.to = core::address_of(core::to_run{lead_run()});
    job.content_ref = plan_ref(to_text(plan_));
    job.response_contract = core::response_contract{1, {}};
    engine.ask(core::send_message{job});
  }

  temporary_directory tree_;
  temporary_directory kept_;
  survey_folder folder_;
  survey_plan plan_;
  toy_log log_;
};

std::string undisturbed(std::uint64_t files, std::uint64_t runs) {
  toy_survey survey{files};
  REQUIRE(survey.live(runs, 1, 1'000'000));
  return survey.report();
}

}  // namespace

TEST_CASE("a survey takes a message and an answer a batch, and a wake for each of both") {
  toy_survey survey{20};
  REQUIRE(survey.live(2, 7, 1'000'000));
  const std::uint64_t batches = 7;  // 20 files, 3 in a batch.
  const auto costs = survey.log_now().costs();
  CHECK(costs.messages == 2 * batches + 2);
  CHECK(costs.wakes == 2 * batches + 2);
}

TEST_CASE("the order in which runs get their turns changes nothing in the report") {
  const auto expected = undisturbed(30, 3);
  for (unsigned seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    toy_survey survey{30};
    REQUIRE(survey.live(3, seed, 1'000'000));
    CHECK(survey.report() == expected);
  }
}

TEST_CASE("a survey that crashes again and again ends with the report of an undisturbed one") {
  const auto expected = undisturbed(30, 3);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    std::mt19937 chance{seed};
    toy_survey survey{30};
    int lives = 0;
    while (!survey.live(3, chance(), chance() % 100)) REQUIRE(++lives < 1000);
    CHECK(survey.report() == expected);
  }
}

TEST_CASE("a survey may go on with more or fewer workers") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    std::mt19937 chance{seed};
    toy_survey survey{25};
    int lives = 0;
    while (!survey.live(1 + chance() % 5, chance(), chance() % 100)) REQUIRE(++lives < 1000);
    const auto costs = survey.log_now().costs();
    CHECK(costs.messages == 2 * 7 + 2);  // 25 files, 4 in a batch.
    CHECK(survey.report().find("\"files\":25,\"lines\":25,\"words\":49") != std::string::npos);
  }
}

TEST_CASE("a survey of nothing ends at once") {
  toy_survey survey{0};
  REQUIRE(survey.live(3, 1, 1'000'000));
  CHECK(survey.log_now().costs().messages == 2);
  CHECK(survey.report().find("\"complete\":true,\"files\":0") != std::string::npos);
}
