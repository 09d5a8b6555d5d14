#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "survey_tally.hpp"

/// Which files a survey reads, and in which portions.
namespace agentpool::tools {

/// A file below the surveyed folder.
struct planned_file {
  std::string path;  ///< Relative, in the file system's own bytes.
  std::uint64_t bytes = 0;

  friend bool operator==(const planned_file&, const planned_file&) = default;
};

/// Some files of one folder: a whole survey or one batch of it.
struct survey_plan {
  std::string directory;            ///< Absolute, without symbolic links.
  std::uint64_t batch_files = 1;    ///< Files of one batch at most.
  std::vector<planned_file> files;  ///< Sorted by path, byte by byte.
  std::vector<unread> folders;      ///< That could not be listed; their files are missing.

  friend bool operator==(const survey_plan&, const survey_plan&) = default;
};

/// Bounds of a batch: small enough that a crash costs little work, large enough that a batch's
/// messages cost less than its work.
struct batch_limits {
  static constexpr std::uint64_t files = 64;
  static constexpr std::uint64_t bytes = 8 << 20;   ///< But at least one file.
  static constexpr std::uint64_t for_each_run = 4;  ///< Batches of small surveys.
};

/// Lists every regular file below `directory`, hidden ones too, symbolic links not followed, but
/// for what `left_out` names by its absolute path. What cannot be listed is told in the plan.
[[nodiscard]] core::outcome<survey_plan> list_files(
    const std::filesystem::path& directory,
    const std::function<bool(const std::filesystem::path&)>& left_out, std::uint64_t runs);

/// The first file of each batch, and the number of files after the last one.
[[nodiscard]] std::vector<std::size_t> batch_bounds(const survey_plan& plan);

/// Batch `number` as a plan of its own.
[[nodiscard]] survey_plan batch_of(const survey_plan& plan, const std::vector<std::size_t>& bounds,
                                   std::uint64_t number);

/// The plan as bytes, every field ended by NUL: names may hold anything else.
[[nodiscard]] std::string to_text(const survey_plan& plan);
/// Reads such bytes; a contract violation when they are none.
[[nodiscard]] core::outcome<survey_plan> plan_from_text(std::string_view text);

}  // namespace agentpool::tools
