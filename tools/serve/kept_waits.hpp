#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/event_records.hpp"

/// Waits whose end nobody was told yet: rows of the store's registry. A run that waits for the same
/// again, after its call was lost, goes on with the wake condition that it has.
namespace agentpool::tools {

/// The wake condition of such a wait and which writing of the row that is; none: there is none.
struct kept_wait {
  std::optional<core::wake_condition_id> condition_id;
  std::uint64_t version = 0;
};

/// The row of a run's wait for what the filter lets through.
[[nodiscard]] std::string kept_wait_key(const core::pool_id& pool, const core::run_id& run,
                                        const core::event_filter& filter);

/// `host_configuration_needed` where the store has no registry.
void read_kept_wait(actors::engine& engine, const std::string& key,
                    actors::callback<kept_wait> then);

/// Writes or removes the row, if it is still that writing; gives the new one, or nothing.
void write_kept_wait(actors::engine& engine, const std::string& key,
                     const std::optional<core::wake_condition_id>& condition, std::uint64_t version,
                     actors::callback<std::optional<std::uint64_t>> then);

}  // namespace agentpool::tools
