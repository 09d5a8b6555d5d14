#pragma once

#include <string>

#include "agentpool/core/event_records.hpp"
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

}  // namespace agentpool::core
