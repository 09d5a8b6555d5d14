#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agentpool/sim/world.hpp"
#include "scratch_folder.hpp"
#include "survey_folder.hpp"
#include "survey_log.hpp"
#include "survey_plan.hpp"
#include "survey_site.hpp"
#include "survey_tally.hpp"

namespace agentpool::tools {

/// What a survey in a simulated world stands on: a small tree and the folder beside the store, both
/// in a scratch folder that goes with this object, and what is to be counted in them. Nothing that
/// runs say or a trace shows depends on where that is.
class survey_stage {
 public:
  /// Writes so many files, their contents by the world's draws. Throws `std::runtime_error` when it
  /// cannot. The world has to outlive it.
  survey_stage(sim::world& at, std::uint64_t files, std::uint64_t workers);

  [[nodiscard]] std::uint64_t workers() const noexcept { return workers_; }
  [[nodiscard]] std::uint64_t batches() const noexcept { return counted_.size(); }
  [[nodiscard]] const survey_folder& folder() const noexcept { return folder_; }
  [[nodiscard]] const core::content_ref& plan() const noexcept { return plan_ref_; }
  /// Counted from what was written, by nothing that runs do.
  [[nodiscard]] const tally& counted(std::uint64_t batch) const { return counted_.at(batch); }
  /// Of all batches, as a report has it.
  [[nodiscard]] tally counted() const;

  /// What the world's durable log says now.
  [[nodiscard]] survey_log log_now() const;

  /// Where runs work that are started now.
  [[nodiscard]] const survey_site& site() const noexcept { return lives_.back()->site; }
  [[nodiscard]] const survey_board& board() const noexcept { return lives_.back()->board; }
  /// The program ends and is started again: runs get a new site. The old ones stay good.
  void start_again();
  /// So often the program was started.
  [[nodiscard]] std::uint64_t lives() const noexcept { return lives_.size(); }

 private:
  struct life {
    explicit life(const survey_folder& folder) : site{folder, board} {}
    survey_board board;
    survey_site site;
  };

  sim::world& world_;
  std::uint64_t workers_;
  scratch_folder scratch_;
  survey_folder folder_;
  core::content_ref plan_ref_;
  std::vector<tally> counted_;  ///< By batch.
  std::vector<std::unique_ptr<life>> lives_;
};

}  // namespace agentpool::tools
