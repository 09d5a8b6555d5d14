#include "survey_swarm.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/addressing.hpp"
#include "survey_lead.hpp"
#include "survey_names.hpp"
#include "survey_worker.hpp"

namespace agentpool::tools {

namespace {

constexpr std::chrono::milliseconds between_looks{100};

actors::engine_options options_of(const survey_site& site) {
  actors::engine_options options;
  options.watch = site.watch;
  return options;
}

class swarm {
 public:
  swarm(std::unique_ptr<core::store_backend> store, const survey_site& site,
        const survey_log& before)
      : site_{site}, before_{before}, engine_{std::move(store), options_of(site)} {
    engine_.register_agent(lead_agent(), [this](const core::run_id&) {
      return std::make_unique<survey_lead>(site_, before_.lead());
    });
    engine_.register_agent(worker_agent(), [this](const core::run_id& run) {
      const auto number = worker_number(run).value();
      return std::make_unique<survey_worker>(site_, number, before_.worker(number));
    });
  }

  core::outcome<void> start(const core::content_ref& plan);
  core::outcome<swarm_end> run(const std::function<bool()>& keep_going);
  void close() { engine_.close(); }

 private:
  core::outcome<void> start_runs(const std::vector<actors::run_request>& wanted);
  core::outcome<void> order(const core::content_ref& plan);
  core::outcome<void> leave();
  [[nodiscard]] std::optional<core::agent_error> trouble() const;
  [[nodiscard]] bool all_ended() const;

  const survey_site& site_;
  const survey_log& before_;
  actors::engine engine_;  ///< Ends before what its runs use.
  std::vector<actors::run_handle> runs_;
  bool host_joined_ = false;
};

actors::run_request request_of(const core::run_id& run, const core::agent_id& agent) {
  return {survey_pool(), run, agent};
}

core::outcome<void> swarm::start(const core::content_ref& plan) {
  auto opened = engine_.open_pool(survey_pool());
  if (!opened) return opened.error();
  const bool to_do = !before_.reported();
  if (to_do || before_.is_member(host_run())) {
    const auto joined = opened->join({host_run(), host_agent(), {}, {}});
    if (!joined) return joined.error();
    host_joined_ = true;
  }
  // The workers first: the lead sends to members only.
  auto workers = before_.busy_workers();
  for (std::uint64_t number = 1; to_do && number <= site_.runs; ++number) workers.insert(number);
  std::vector<actors::run_request> wanted;
  wanted.reserve(workers.size());
  for (const auto number : workers)
    wanted.push_back(request_of(worker_run(number), worker_agent()));
  if (auto started = start_runs(wanted); !started) return started;
  if (!to_do && !before_.is_member(lead_run())) return {};
  if (auto started = start_runs({request_of(lead_run(), lead_agent())}); !started) return started;
  return to_do ? order(plan) : core::outcome<void>{};
}

core::outcome<void> swarm::start_runs(const std::vector<actors::run_request>& wanted) {
  using started_run = core::outcome<actors::run_handle>;
  std::vector<std::future<started_run>> starting;
  for (const auto& request : wanted) {
    auto promise = std::make_shared<std::promise<started_run>>();
    starting.push_back(promise->get_future());
    engine_.start_run(request,
                      [promise](started_run started) { promise->set_value(std::move(started)); });
  }
  for (auto& each : starting) {
    auto started = each.get();
    if (!started) return started.error();
    runs_.push_back(std::move(*started));
  }
  return {};
}

core::outcome<void> swarm::order(const core::content_ref& plan) {
  core::run_message job;
  job.message_id = job_message();
  job.idempotency_key = job_key();
  job.from = host_run();
  job.to = core::address_of(core::to_run{lead_run()});
  job.content_ref = plan;
  job.response_contract = core::response_contract{1, {}};
  const auto receipt = engine_.pool(survey_pool()).send(std::move(job));
  if (!receipt) return receipt.error();
  if (receipt->status == core::message_status::failed)
    return core::invalid_transition("the survey's order reached nobody: name another store");
  return {};
}

std::optional<core::agent_error> swarm::trouble() const {
  if (auto told = site_.board.trouble()) return told;
  for (const auto& run : runs_) {
    const auto status = run.status();
    if (!actors::is_final(status) || status == actors::run_status::completed) continue;
    if (auto failure = run.failure()) return failure;
    return core::invalid_transition("a run of the survey was cancelled");
  }
  return std::nullopt;
}

bool swarm::all_ended() const {
  return std::all_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return actors::is_final(run.status()); });
}

core::outcome<swarm_end> swarm::run(const std::function<bool()>& keep_going) {
  while (true) {
    if (auto told = trouble()) return *told;
    if (all_ended()) break;
    if (!keep_going()) return swarm_end::stopped;
    if (site_.board.out_of_time) return swarm_end::out_of_time;
    const auto open = std::find_if(runs_.rbegin(), runs_.rend(),
                                   [](const auto& run) { return !actors::is_final(run.status()); });
    if (open != runs_.rend()) (void)open->wait(between_looks);
  }
  if (auto left = leave(); !left) return left.error();
  return swarm_end::finished;
}

core::outcome<void> swarm::leave() {
  if (!host_joined_) return {};
  const auto pool = engine_.pool(survey_pool());
  const auto answers = pool.inbox({host_run(), {}, 1});
  if (!answers) return answers.error();
  if (!answers->empty()) {
    const auto acked = pool.ack_inbox(host_run(), answers->back().sequence);
    if (!acked) return acked.error();
  }
  const auto left = pool.leave(host_run());
  if (!left) return left.error();
  return {};
}

}  // namespace

core::outcome<swarm_end> run_swarm(std::unique_ptr<core::store_backend> store,
                                   const survey_site& site, const survey_log& before,
                                   const core::content_ref& plan,
                                   const std::function<bool()>& keep_going) {
  swarm runs{std::move(store), site, before};
  if (auto started = runs.start(plan); !started) return started.error();
  auto end = runs.run(keep_going);
  runs.close();
  return end;
}

}  // namespace agentpool::tools
