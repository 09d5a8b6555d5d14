#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace agentpool::tools {

/// A folder of its own that goes with what is in it.
class scratch_folder {
 public:
  explicit scratch_folder(const std::string& inside) {
    std::string name = (std::filesystem::path{inside} / "agentpool-bench-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  /// Empty when it could not be made.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Of the files that are in it now.
  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator{path_}) {
      std::error_code gone;
      const auto size = file.file_size(gone);
      if (!gone) bytes += size;
    }
    return bytes;
  }

 private:
  std::string path_;
};

}  // namespace agentpool::tools
