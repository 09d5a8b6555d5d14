#include "survey_world.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "agentpool/core/addressing.hpp"
#include "agentpool/sim/check.hpp"
#include "survey_lead.hpp"
#include "survey_names.hpp"
#include "survey_stage.hpp"
#include "survey_worker.hpp"

namespace agentpool::tools {

namespace {

using std::chrono::milliseconds;

/// Between the trouble that ends the program and its next start, and how long its engines are down.
constexpr milliseconds before_next_life{60};
constexpr milliseconds down{5};

/// A survey that needs more starts than this goes round in circles.
constexpr std::uint64_t program_lives_max = 40;

bool completed(const sim::run_view& run) {
  return run.over && run.status == actors::run_status::completed;
}

/// The host's part, and the program that is started again when the survey's board tells trouble.
class survey_program final : public sim::check {
 public:
  survey_program(sim::world& at, std::shared_ptr<survey_stage> stage)
      : check{"survey_ends"}, at_{at}, stage_{std::move(stage)} {}

  void begin();

  void on_recorded(const core::pool_id&, const core::entry_ptr& entry,
                   std::span<const core::published>) override;
  void on_step() override;
  void on_run_over(const sim::run_life&, actors::run_status) override;
  void on_idle() override;

 private:
  enum class phase : std::uint8_t { starts_workers, starts_lead, runs, leaves };

  [[nodiscard]] bool is_member(const core::run_id& run) const;
  [[nodiscard]] bool workers_are_members() const;
  void start(const core::run_id& run, const core::agent_id& agent);
  void order();
  void leave_if_done();
  void leave(const core::outcome<core::answer>& inbox);
  void start_again();
  [[nodiscard]] bool is_done(const survey_log& log) const;
  [[nodiscard]] bool may_stay_open(const survey_log& log) const;

  sim::world& at_;
  std::shared_ptr<survey_stage> stage_;
  phase phase_ = phase::starts_workers;
  bool ending_ = false;  ///< The program ends, to be started again.
  bool reaches_ = true;  ///< The order reached the lead, as far as known.
};

void survey_program::begin() {
  at_.ask(survey_pool(), core::join_run{{host_run(), host_agent(), {}, {}}});
  for (std::uint64_t number = 1; number <= stage_->workers(); ++number)
    start(worker_run(number), worker_agent());
}

void survey_program::start(const core::run_id& run, const core::agent_id& agent) {
  at_.start_run({survey_pool(), run, agent});
}

/// Each next part begins when the one before has joined, as where the program waits for it.
void survey_program::on_recorded(const core::pool_id&, const core::entry_ptr& entry,
                                 std::span<const core::published>) {
  const auto* record = entry->record();
  if (record == nullptr || !std::holds_alternative<core::member_joined>(record->payload)) return;
  if (phase_ == phase::starts_workers && is_member(host_run()) && workers_are_members()) {
    phase_ = phase::starts_lead;
    at_.after({}, [this] { start(lead_run(), lead_agent()); });
  } else if (phase_ == phase::starts_lead && is_member(lead_run())) {
    phase_ = phase::runs;
    at_.after({}, [this] { order(); });
  }
}

void survey_program::order() {
  core::run_message job;
  job.message_id = job_message();
  job.idempotency_key = job_key();
  job.from = host_run();
  job.to = core::address_of(core::to_run{lead_run()});
  job.content_ref = stage_->plan();
  job.response_contract = core::response_contract{1, {}};
  at_.ask(survey_pool(), core::send_message{std::move(job)}, [this](const auto& answer) {
    const auto* receipt = answer ? std::get_if<core::message_receipt>(&*answer) : nullptr;
    reaches_ = receipt != nullptr && receipt->status != core::message_status::failed;
  });
}

void survey_program::on_step() {
  if (ending_ || !stage_->board().trouble()) return;
  ending_ = true;
  at_.after(before_next_life, [this] { start_again(); });
}

void survey_program::start_again() {
  // A run that its program may not start any more is missed by the others for good.
  const auto runs = world().runs();
  const auto lost = [](const sim::run_view& run) { return run.over && !completed(run); };
  if (world().sites() > world().engines() && std::any_of(runs.begin(), runs.end(), lost)) return;
  if (stage_->lives() == program_lives_max)
    return violated("started " + std::to_string(program_lives_max) +
                    " times, and still: " + stage_->board().trouble()->message);
  stage_->start_again();
  for (std::size_t engine = 0; engine < at_.view().engines(); ++engine) at_.crash(engine, down);
  ending_ = false;
}

void survey_program::on_run_over(const sim::run_life&, actors::run_status status) {
  if (status == actors::run_status::completed) at_.after({}, [this] { leave_if_done(); });
}

void survey_program::leave_if_done() {
  const auto runs = at_.view().runs();
  if (phase_ != phase::runs || !std::all_of(runs.begin(), runs.end(), completed)) return;
  phase_ = phase::leaves;
  at_.ask(survey_pool(), core::read_inbox{host_run(), {}, 1},
          [this](const auto& inbox) { leave(inbox); });
}

void survey_program::leave(const core::outcome<core::answer>& inbox) {
  const auto* page = inbox ? std::get_if<core::inbox_page>(&*inbox) : nullptr;
  if (page != nullptr && !page->entries.empty())
    at_.ask(survey_pool(), core::ack_inbox{host_run(), page->entries.back().sequence});
  at_.ask(survey_pool(), core::leave_run{host_run()});
}

bool survey_program::is_member(const core::run_id& run) const {
  const auto found = world().ledgers().find(survey_pool());
  return found != world().ledgers().end() && found->second.members().member(run) != nullptr;
}

bool survey_program::workers_are_members() const {
  for (std::uint64_t number = 1; number <= stage_->workers(); ++number)
    if (!is_member(worker_run(number))) return false;
  return true;
}

/// Something happened that starting the program again cannot help: a run was started as often as
/// the world does or hangs for good, or the lead was not there when the order came.
bool survey_program::may_stay_open(const survey_log& log) const {
  if (at_.faults_met().empty()) return false;
  if (!log.lead().job && !reaches_) return true;
  // A host whose program was away for too long has left: nobody can report to it.
  if (world().sites() > world().engines() && !log.is_member(host_run())) return true;
  const auto runs = world().runs();
  return std::any_of(runs.begin(), runs.end(), [](const sim::run_view& run) {
    return run.stuck || (run.over && !completed(run));
  });
}

/// Others may have joined the pool meanwhile.
bool survey_program::is_done(const survey_log& log) const {
  return log.reported() && log.busy_workers().empty() && !log.is_member(lead_run()) &&
         !log.is_member(host_run());
}

void survey_program::on_idle() {
  const auto runs = world().runs();
  if (runs.empty()) return;  // It has not begun.
  const auto log = stage_->log_now();
  if (is_done(log) || may_stay_open(log)) return;
  std::string open = log.reported() ? "reported, but there are left" : "not reported:";
  for (const auto& run : runs)
    if (!completed(run)) open += " " + run.request.run_id.text();
  violated(open + "; answered batches: " + std::to_string(log.batches_answered()) + " of " +
           std::to_string(stage_->batches()));
}

/// In an idle world what is written is what is there to be counted.
class report_check final : public sim::check {
 public:
  explicit report_check(std::shared_ptr<survey_stage> stage)
      : check{"survey_report"}, stage_{std::move(stage)} {}

  /// A batch is handed to one worker once.
  void on_recorded(const core::pool_id&, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    const auto* record = entry->record();
    const auto* told =
        record == nullptr ? nullptr : std::get_if<core::message_recorded>(&record->payload);
    if (told == nullptr || told->stored.receipt.status != core::message_status::delivered) return;
    const auto batch = work_batch(told->stored.message->content_ref);
    if (batch && !handed_out_.insert(*batch).second)
      violated("batch " + std::to_string(*batch) + " was handed out twice");
  }

  void on_idle() override {
    const auto log = stage_->log_now();
    for (const auto& [number, batch] : log.lead().batches)
      if (batch.answered)
        compare("batch " + std::to_string(number), result_name(number), stage_->counted(number));
    if (log.reported()) compare("the report", report_name, stage_->counted());
  }

 private:
  void compare(const std::string& what, const std::string& name, const tally& expected) {
    const auto text = stage_->folder().read(name);
    if (!text) return violated(what + " was told and is not there: " + text.error().message);
    const auto counts = tally_from_text(*text);
    if (!counts) return violated(what + " is no counts: " + counts.error().message);
    if (*counts != expected) violated(what + " is not what the files hold: " + *text);
  }

  std::shared_ptr<survey_stage> stage_;
  std::set<std::uint64_t> handed_out_;
};

void set_up(sim::world& at, const sim::workload_size& size) { stage_survey(at, size); }

}  // namespace

void stage_survey(sim::world& at, const sim::workload_size& size, const worker_dresser& dress) {
  if (!at.open(survey_pool())) return;
  const auto workers = std::max<std::uint64_t>(size.runs, 2) - 1;
  const auto stage = std::make_shared<survey_stage>(at, size.runs * size.messages, workers);
  at.register_agent(lead_agent(), [stage](const core::run_id&) {
    return std::make_unique<survey_lead>(stage->site(), stage->log_now().lead());
  });
  at.register_agent(
      worker_agent(), [stage, dress](const core::run_id& run) -> std::unique_ptr<actors::agent> {
        const auto number = worker_number(run).value();
        auto worker =
            std::make_unique<survey_worker>(stage->site(), number, stage->log_now().worker(number));
        if (dress) return dress(std::move(worker));
        return worker;
      });
  auto program = std::make_unique<survey_program>(at, stage);
  auto& begins = *program;
  at.add(std::move(program));
  at.add(std::make_unique<report_check>(stage));
  begins.begin();
}

void add_survey_workload() {
  if (sim::find_workload("survey") != nullptr) return;
  sim::add_workload({"survey", "a lead and workers count the files of a folder", set_up, true});
}

}  // namespace agentpool::tools
