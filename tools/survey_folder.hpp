#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/outcome.hpp"

/// What a survey keeps beside its store: messages say where, never what.
namespace agentpool::tools {

/// FILE.survey, beside the store FILE:
///
///     lock            held while a survey is at work
///     plan            the files to survey, fixed at the first start
///     work/000017     the files of batch 17
///     result/000017   what was counted in them
///     report          the counts of them all
///
/// A file is written under another name and then renamed, so it is there complete or not at all,
/// also after a crash of the machine.
class survey_folder {
 public:
  /// Makes the folder where it is missing. `store_file` need not be there yet.
  [[nodiscard]] static core::outcome<survey_folder> beside(const std::filesystem::path& store_file);

  survey_folder(survey_folder&& other) noexcept;
  survey_folder& operator=(survey_folder&&) = delete;
  ~survey_folder();  ///< Gives the lock back.

  /// Keeps every other process out until this object ends; the end of the process, however it
  /// comes, ends it too. The error says that another survey is at work.
  [[nodiscard]] core::outcome<void> lock();

  /// The whole file of that name.
  [[nodiscard]] core::outcome<std::string> read(const std::string& name) const;
  /// Replaces the file of that name, durable when this returns.
  [[nodiscard]] core::outcome<void> write(const std::string& name, std::string_view text) const;

  /// True for the store's own files and for this folder, wherever they lie.
  [[nodiscard]] bool owns(const std::filesystem::path& path) const;

 private:
  explicit survey_folder(std::filesystem::path store_file);

  std::filesystem::path store_file_;
  std::filesystem::path path_;
  int lock_ = -1;
};

// ---- names and the content refs that stand for them in messages ---------------------------

inline const std::string plan_name = "plan";
inline const std::string report_name = "report";
[[nodiscard]] std::string work_name(std::uint64_t batch);
[[nodiscard]] std::string result_name(std::uint64_t batch);

/// Names the plan by its content, so that no other plan is taken for it.
[[nodiscard]] core::content_ref plan_ref(std::string_view plan_text);
[[nodiscard]] core::content_ref work_ref(std::uint64_t batch);
[[nodiscard]] core::content_ref result_ref(std::uint64_t batch);
[[nodiscard]] core::content_ref report_ref();

/// The batch that a ref of work or of a result names; none for any other ref.
[[nodiscard]] std::optional<std::uint64_t> work_batch(const core::content_ref& ref);
[[nodiscard]] std::optional<std::uint64_t> result_batch(const core::content_ref& ref);

}  // namespace agentpool::tools
