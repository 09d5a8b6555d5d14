// A folder of a test's own.
#pragma once

#include <filesystem>
#include <string>

namespace agentpool::support {

/// Makes an empty folder below the system's temporary one and removes it with all its content.
/// Tests run side by side, so each takes its own.
class temporary_directory {
 public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// The path of `name` in it, as text; makes nothing.
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace agentpool::support
