#pragma once

#include <cstdint>
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

/// A place from which on a pool's log may begin: what was up to there can go, but for the records
/// that are still waited for. A checkpoint then stands for the rest.
struct horizon {
  log_position at;
  std::uint64_t number = 0;     ///< journal_seq of the last record up to there.
  std::uint64_t event_seq = 0;  ///< Of the last stored event up to there.
  std::uint64_t messages = 0;   ///< How many messages there had been, and how many wakes.
  std::uint64_t wakes = 0;
  std::string roll;  ///< The roll there, packed.
};

}  // namespace agentpool::core
