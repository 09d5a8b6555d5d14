#pragma once

#include <cstdint>
#include <string>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::core {

/// What an event of a run says of itself.
struct run_event_draft {
  event_id id;
  event_family family{};
  event_kind kind{};
  run_id run;
  agent_id agent;
  std::string source;   ///< "source.sdk.…": who publishes it.
  std::string summary;  ///< Words without content.
};

/// An event that the engine itself publishes of a run, recorded and redacted as all of those are
/// (docs/contract.md).
[[nodiscard]] agent_event run_event(run_event_draft draft, instant now);

/// That somebody wanted to act as the member without proof, and was refused. `number` tells apart
/// what is denied in one millisecond; `source` as in a draft.
[[nodiscard]] agent_event denial_event(const pool_member& member, const std::string& source,
                                       instant now, std::uint64_t number);

}  // namespace agentpool::core
