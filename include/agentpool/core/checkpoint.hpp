#pragma once

#include <string>
#include <vector>

#include "agentpool/core/log.hpp"

/// A pool's state kept beside its log, so that opening it need not read all of the log.
namespace agentpool::core {

/// What a pool's state was at a position of its log. Bytes that only this engine reads: whoever
/// keeps them need not know what they mean, and whoever loses them loses time alone.
struct checkpoint {
  log_position at;
  std::string head;                ///< Stands for itself: the next one replaces it.
  std::vector<std::string> parts;  ///< In order; later ones add to earlier ones.
};

}  // namespace agentpool::core
