#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"

/// The names of the survey's pool. They derive from numbers of runs, batches and suspensions
/// alone, so that a survey that is started again says the same things by the same names.
namespace agentpool::tools {

[[nodiscard]] core::pool_id survey_pool();

[[nodiscard]] core::agent_id host_agent();
[[nodiscard]] core::agent_id lead_agent();
[[nodiscard]] core::agent_id worker_agent();

/// Who ordered the survey: the program itself.
[[nodiscard]] core::run_id host_run();
[[nodiscard]] core::run_id lead_run();
/// Workers are numbered from 1.
[[nodiscard]] core::run_id worker_run(std::uint64_t worker);
/// The number of a worker's run; none for other runs.
[[nodiscard]] std::optional<std::uint64_t> worker_number(const core::run_id& run);

/// The host's order to the lead.
[[nodiscard]] core::message_id job_message();
[[nodiscard]] core::idempotency_key job_key();

/// The lead's wait for the `nth` answer, and for the end of the time that it has.
[[nodiscard]] std::string answer_wait(std::uint64_t nth);
[[nodiscard]] std::string deadline_wait(std::uint64_t nth);
/// A worker's wait for its `nth` batch, from 0; one more is the wait for the end.
[[nodiscard]] std::string work_wait(std::uint64_t nth);
/// The same wait once more, when something else than its event ended it `times` times before.
[[nodiscard]] std::string again(const std::string& wait, std::uint64_t times);
/// The condition that stands for the wait of that name of a run, and back.
[[nodiscard]] core::wake_condition_id condition_of(const core::run_id& run,
                                                   const std::string& wait);
[[nodiscard]] bool is_wait(const core::wake_condition_id& id, const core::run_id& run,
                           std::string_view kind);

/// What ties a batch's message to its worker, and the lead's last event to every worker.
[[nodiscard]] core::correlation_key key_of_worker(std::uint64_t worker);
[[nodiscard]] core::correlation_key key_of_end();

/// The position before a pool's first event: a first wait that begins there misses nothing, also
/// when its run has joined anew since.
[[nodiscard]] core::event_cursor before_all_events();

}  // namespace agentpool::tools
