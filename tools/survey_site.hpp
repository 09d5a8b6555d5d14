#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "agentpool/actors/watch.hpp"
#include "agentpool/core/error.hpp"
#include "survey_folder.hpp"

namespace agentpool::tools {

/// What the survey's runs tell the program that they run in; nothing here decides anything.
class survey_board {
 public:
  std::atomic<std::uint64_t> files{0};  ///< Done with, those of earlier lives included.
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<bool> out_of_time{false};  ///< The lead has waited as long as it was to.

  /// Something that no run can help: the program ends the survey, which can be gone on with. Only
  /// the first one counts.
  void tell_trouble(core::agent_error what) {
    const std::lock_guard guard{mutex_};
    if (!trouble_) trouble_ = std::move(what);
  }
  [[nodiscard]] std::optional<core::agent_error> trouble() const {
    const std::lock_guard guard{mutex_};
    return trouble_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<core::agent_error> trouble_;
};

/// Where the survey's runs work. Outlives them.
struct survey_site {
  const survey_folder& folder;
  survey_board& board;
  std::uint64_t runs = 1;                              ///< Workers that get new batches.
  std::optional<std::chrono::milliseconds> time = {};  ///< How long the lead waits in this life.
  std::shared_ptr<actors::actor_watch> watch = {};     ///< Of the engine; null: none.
  std::chrono::milliseconds slice{50};  ///< A worker reads so long in one turn; 0: one piece.
};

}  // namespace agentpool::tools
