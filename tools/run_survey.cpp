#include "run_survey.hpp"

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <system_error>
#include <utility>

#include "real_clock.hpp"
#include "stop_signals.hpp"
#include "store_url.hpp"
#include "survey_folder.hpp"
#include "survey_log.hpp"
#include "survey_names.hpp"
#include "survey_plan.hpp"
#include "survey_progress.hpp"
#include "survey_report.hpp"
#include "survey_site.hpp"
#include "survey_swarm.hpp"
#include "trace_file.hpp"

namespace agentpool::tools {

namespace {

namespace fs = std::filesystem;

/// Thrown out of the listing when the program is to end.
struct listing_stopped {};

/// A plan and the ref that messages name it by.
struct named_plan {
  survey_plan plan;
  core::content_ref ref;
};

/// One start of the program on one survey.
class survey {
 public:
  survey(const survey_request& request, survey_folder folder)
      : request_{request}, folder_{std::move(folder)} {}

  core::outcome<int> run();

 private:
  core::outcome<survey_log> read_log();
  core::outcome<named_plan> plan_anew();
  core::outcome<named_plan> plan_of(const core::run_message& job);
  core::outcome<swarm_end> go_on(const survey_log& before, const named_plan& planned);
  core::outcome<void> print(const survey_plan& plan, const tally& counts,
                            const survey_costs& costs);
  core::outcome<int> print_finished(const survey_plan& plan, const survey_costs& costs);
  core::outcome<int> print_partial(const survey_plan& plan);

  const survey_request& request_;
  survey_folder folder_;
  real_clock clock_;
  stop_signals signals_;
  survey_board board_;
};

core::outcome<int> survey::run() {
  if (auto locked = folder_.lock(); !locked) return locked.error();
  auto before = read_log();
  if (!before) return before.error();
  core::outcome<named_plan> planned = named_plan{};
  try {
    planned = before->lead().job ? plan_of(before->lead().job->message) : plan_anew();
  } catch (const listing_stopped&) {
    return signals_.received();
  }
  if (!planned) return planned.error();
  if (before->finished()) return print_finished(planned->plan, before->costs());
  const auto end = go_on(*before, *planned);
  if (!end) return end.error();
  switch (*end) {
    case swarm_end::stopped: return signals_.received();
    case swarm_end::out_of_time: return print_partial(planned->plan);
    case swarm_end::finished: break;
  }
  const auto after = read_log();
  if (!after) return after.error();
  return print_finished(planned->plan, after->costs());
}

core::outcome<survey_log> survey::read_log() {
  auto store = open_store(request_.store, clock_, store_use::read_write);
  if (!store) return store.error();
  return survey_log::of(**store);
}

core::outcome<named_plan> survey::plan_anew() {
  const auto left_out = [this](const fs::path& path) {
    if (signals_.received() != 0) throw listing_stopped{};
    return folder_.owns(path);
  };
  auto plan = list_files(request_.directory, left_out, request_.runs);
  if (!plan) return plan.error();
  const auto text = to_text(*plan);
  if (auto written = folder_.write(plan_name, text); !written) return written.error();
  return named_plan{std::move(*plan), plan_ref(text)};
}

core::outcome<named_plan> survey::plan_of(const core::run_message& job) {
  const auto text = folder_.read(plan_name);
  if (!text) return text.error();
  auto plan = plan_from_text(*text);
  if (!plan) return plan.error();
  if (plan_ref(*text) != job.content_ref)
    return core::store_corrupt("the plan beside the store is not the one of its survey");
  std::error_code fault;
  const auto asked = fs::weakly_canonical(fs::absolute(request_.directory, fault), fault);
  auto same = asked.native();
  while (same.size() > 1 && same.ends_with('/')) same.pop_back();
  if (fault || same != plan->directory)
    return core::host_configuration_needed("this store holds the survey of " +
                                           shown(plan->directory) + ": name another store for " +
                                           shown(request_.directory));
  return named_plan{std::move(*plan), job.content_ref};
}

core::outcome<swarm_end> survey::go_on(const survey_log& before, const named_plan& planned) {
  const auto& plan = planned.plan;
  const auto bounds = batch_bounds(plan);
  std::uint64_t bytes = 0;
  for (const auto& file : plan.files) bytes += file.bytes;
  for (const auto& [number, batch] : before.lead().batches) {
    if (!batch.answered || number + 1 >= bounds.size()) continue;
    for (const auto& file : batch_of(plan, bounds, number).files) {
      ++board_.files;
      board_.bytes += file.bytes;
    }
  }
  survey_progress progress{plan.files.size(), bytes};
  progress.say(counted(plan.files.size(), "file") + " in " + counted(bounds.size() - 1, "batch") +
               ", " + with_commas(before.batches_answered()) + " answered already");
  auto recorder = record_to(request_.trace);
  if (!recorder) return recorder.error();
  survey_site site{folder_, board_, request_.runs, {}, std::move(*recorder)};
  if (request_.timeout_seconds) site.time = std::chrono::seconds{*request_.timeout_seconds};
  auto store = open_store(request_.store, clock_, store_use::read_write);
  if (!store) return store.error();
  auto end = run_swarm(std::move(*store), site, before, planned.ref, [&] {
    progress.show(board_.files, board_.bytes);
    return signals_.received() == 0;
  });
  if (!end) return end;
  progress.show(board_.files, board_.bytes);
  return end;
}

core::outcome<void> survey::print(const survey_plan& plan, const tally& counts,
                                  const survey_costs& costs) {
  const auto report = report_of(plan, counts, costs);
  std::cout << (request_.json ? as_json(report) : as_table(report)) << std::flush;
  if (!std::cout) return core::store_unavailable("cannot write the report to standard output");
  return {};
}

core::outcome<int> survey::print_finished(const survey_plan& plan, const survey_costs& costs) {
  const auto text = folder_.read(report_name);
  if (!text) return text.error();
  const auto counts = tally_from_text(*text);
  if (!counts) return counts.error();
  if (auto printed = print(plan, *counts, costs); !printed) return printed.error();
  return 0;
}

core::outcome<int> survey::print_partial(const survey_plan& plan) {
  const auto log = read_log();
  if (!log) return log.error();
  tally counts;
  for (const auto& [number, batch] : log->lead().batches) {
    if (!batch.answered) continue;
    const auto text = folder_.read(result_name(number));
    if (!text) return text.error();
    const auto part = tally_from_text(*text);
    if (!part) return part.error();
    counts.add(*part);
  }
  if (auto printed = print(plan, counts, log->costs()); !printed) return printed.error();
  return core::overloaded("time is over, " + with_commas(log->batches_answered()) + " of " +
                          with_commas(batch_bounds(plan).size() - 1) +
                          " batches are answered: start it again to go on");
}

}  // namespace

core::outcome<int> run_survey(const survey_request& request) {
  const auto file = store_file(request.store);
  if (file.empty())
    return core::host_configuration_needed(
        "a survey needs a store that lasts, and keeps its results beside it: --store sqlite:FILE");
  std::error_code fault;
  if (!fs::exists(file, fault) && !fs::is_directory(request.directory, fault))
    return core::host_configuration_needed("no such folder: " + shown(request.directory));
  auto folder = survey_folder::beside(file);
  if (!folder) return folder.error();
  return survey{request, std::move(*folder)}.run();
}

}  // namespace agentpool::tools
