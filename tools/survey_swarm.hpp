#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_backend.hpp"
#include "survey_log.hpp"
#include "survey_site.hpp"

namespace agentpool::tools {

/// How a swarm's life ended.
enum class swarm_end : std::uint8_t {
  finished,     ///< The report is written and every run has left.
  out_of_time,  ///< The lead waited as long as it was to.
  stopped,      ///< The program was asked to end.
};

/// Runs the survey's lead and workers on the store until they have finished or it is to stop;
/// every run can be gone on with afterwards, whatever came of it. `before` is what the log says of
/// earlier lives; `keep_going` is called about ten times a second.
[[nodiscard]] core::outcome<swarm_end> run_swarm(std::unique_ptr<core::store_backend> store,
                                                 const survey_site& site, const survey_log& before,
                                                 const core::content_ref& plan,
                                                 const std::function<bool()>& keep_going);

}  // namespace agentpool::tools
