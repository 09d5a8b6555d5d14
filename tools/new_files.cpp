#include "new_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace agentpool::tools {

namespace {

core::agent_error cannot_write(const std::string& path) {
  return core::host_configuration_needed("cannot write " + path + ": " + std::strerror(errno));
}

core::agent_error exists(const std::string& path) {
  return core::host_configuration_needed(path + " exists already, and is left as it is");
}

bool write_all(int file, const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto moved = ::write(file, text.data() + at, text.size() - at);
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return false;
    at += static_cast<std::size_t>(moved);
  }
  return true;
}

/// A file beside its later place that goes away again at the end of the scope.
class draft {
 public:
  explicit draft(const new_file& of) : path_{of.path + ".XXXXXX"} {
    const int file = ::mkostemp(path_.data(), O_CLOEXEC);  // 0600 at first
    if (file < 0) return;
    made_ = true;
    whole_ = write_all(file, of.text) && ::fchmod(file, of.mode) == 0 && ::fsync(file) == 0;
    const auto fault = errno;
    ::close(file);
    errno = fault;
  }
  ~draft() {
    if (made_) ::unlink(path_.c_str());
  }
  draft(const draft&) = delete;
  draft& operator=(const draft&) = delete;

  [[nodiscard]] bool whole() const noexcept { return whole_; }
  /// Unlike a renaming it never replaces a file.
  [[nodiscard]] bool appear_at(const std::string& path) const {
    return ::link(path_.c_str(), path.c_str()) == 0;
  }

 private:
  std::string path_;
  bool made_ = false;
  bool whole_ = false;
};

void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path();
  const int open =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (open < 0) return;
  ::fsync(open);
  ::close(open);
}

/// Makes the rest of them; takes its own back when one further down cannot be made.
core::outcome<void> make_from(const std::vector<new_file>& files, std::size_t first) {
  if (first == files.size()) return {};
  const auto& file = files[first];
  const draft made{file};
  if (!made.whole()) return cannot_write(file.path);
  if (!made.appear_at(file.path))
    return errno == EEXIST ? exists(file.path) : cannot_write(file.path);
  auto rest = make_from(files, first + 1);
  if (!rest) ::unlink(file.path.c_str());
  return rest;
}

}  // namespace

core::outcome<void> make_files(const std::vector<new_file>& files) {
  for (const auto& file : files)
    if (struct stat found{}; ::lstat(file.path.c_str(), &found) == 0) return exists(file.path);
  auto made = make_from(files, 0);
  for (const auto& file : files) sync_folder_of(file.path);
  return made;
}

}  // namespace agentpool::tools
