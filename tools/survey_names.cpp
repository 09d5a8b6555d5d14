#include "survey_names.hpp"

#include <charconv>

namespace agentpool::tools {

namespace {

constexpr std::string_view worker_prefix = "run.survey.worker.";

std::string nth_of(std::string_view kind, std::uint64_t nth) {
  return std::string{kind} + "." + std::to_string(nth);
}

}  // namespace

core::pool_id survey_pool() { return core::pool_id{"pool.survey"}; }

core::agent_id host_agent() { return core::agent_id{"agent.survey.host"}; }
core::agent_id lead_agent() { return core::agent_id{"agent.survey.lead"}; }
core::agent_id worker_agent() { return core::agent_id{"agent.survey.worker"}; }

core::run_id host_run() { return core::run_id{"run.survey.host"}; }
core::run_id lead_run() { return core::run_id{"run.survey.lead"}; }
core::run_id worker_run(std::uint64_t worker) {
  return core::run_id{std::string{worker_prefix} + std::to_string(worker)};
}

std::optional<std::uint64_t> worker_number(const core::run_id& run) {
  std::string_view text = run.text();
  if (!text.starts_with(worker_prefix)) return std::nullopt;
  text.remove_prefix(worker_prefix.size());
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

core::message_id job_message() { return core::message_id{"message.survey.job"}; }
core::idempotency_key job_key() { return core::idempotency_key{"key.survey.job"}; }

std::string answer_wait(std::uint64_t nth) { return nth_of("answer", nth); }
std::string deadline_wait(std::uint64_t nth) { return nth_of("deadline", nth); }
std::string work_wait(std::uint64_t nth) { return nth_of("work", nth); }
std::string again(const std::string& wait, std::uint64_t times) {
  return times == 0 ? wait : wait + ".again." + std::to_string(times);
}

core::wake_condition_id condition_of(const core::run_id& run, const std::string& wait) {
  return core::wake_condition_id{"wake." + run.text() + "." + wait};
}

bool is_wait(const core::wake_condition_id& id, const core::run_id& run, std::string_view kind) {
  return id.text().starts_with("wake." + run.text() + "." + std::string{kind} + ".");
}

core::correlation_key key_of_worker(std::uint64_t worker) {
  return core::correlation_key{nth_of("survey.worker", worker)};
}
core::correlation_key key_of_end() { return core::correlation_key{"survey.end"}; }

core::event_cursor before_all_events() {
  return {core::whole_scope{}, 0, core::event_id{"event.agent_pool.pool.survey.0"}, {}};
}

}  // namespace agentpool::tools
