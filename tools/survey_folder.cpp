#include "survey_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "survey_tally.hpp"

namespace agentpool::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder_suffix = ".survey";
constexpr std::string_view work_prefix = "survey:work/";
constexpr std::string_view result_prefix = "survey:result/";

core::agent_error failed(const std::string& what, const fs::path& path, int fault) {
  return core::store_unavailable("cannot " + what + " " + shown(path.native()) + ": " +
                                 std::generic_category().message(fault));
}

/// A file that is closed at the end of the scope.
class open_file {
 public:
  explicit open_file(int file) : file_{file} {}
  ~open_file() {
    if (file_ >= 0) ::close(file_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  [[nodiscard]] int get() const { return file_; }
  [[nodiscard]] bool ok() const { return file_ >= 0; }

 private:
  int file_;
};

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool make_folder(const fs::path& path) {
  return ::mkdir(path.c_str(), 0777) == 0 || errno == EEXIST;
}

std::string numbered(std::string_view prefix, std::uint64_t batch) {
  auto digits = std::to_string(batch);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return std::string{prefix} + digits;
}

std::optional<std::uint64_t> number_after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

survey_folder::survey_folder(fs::path store_file) : store_file_{std::move(store_file)} {
  path_ = store_file_;
  path_ += folder_suffix;
}

survey_folder::survey_folder(survey_folder&& other) noexcept
    : store_file_{std::move(other.store_file_)},
      path_{std::move(other.path_)},
      lock_{std::exchange(other.lock_, -1)} {}

survey_folder::~survey_folder() {
  if (lock_ >= 0) ::close(lock_);
}

core::outcome<survey_folder> survey_folder::beside(const fs::path& store_file) {
  std::error_code fault;
  const auto real = fs::weakly_canonical(fs::absolute(store_file, fault), fault);
  if (fault) return failed("find the store", store_file, fault.value());
  survey_folder folder{real};
  for (const auto& path : {folder.path_, folder.path_ / "work", folder.path_ / "result"})
    if (!make_folder(path)) return failed("make", path, errno);
  return folder;
}

core::outcome<void> survey_folder::lock() {
  const auto path = path_ / "lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) return failed("open", path, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return {};
  const int fault = errno;
  if (fault != EWOULDBLOCK) return failed("lock", path, fault);
  return core::invalid_transition("another survey is at work on " + shown(store_file_.native()) +
                                  ": wait for its end or name another store");
}

core::outcome<std::string> survey_folder::read(const std::string& name) const {
  const auto path = path_ / name;
  const open_file file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.ok()) return failed("read", path, errno);
  std::string text;
  std::array<char, 65536> piece;
  while (true) {
    const auto count = ::read(file.get(), piece.data(), piece.size());
    if (count == 0) return text;
    if (count > 0) text.append(piece.data(), static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) return failed("read", path, errno);
  }
}

core::outcome<void> survey_folder::write(const std::string& name, std::string_view text) const {
  const auto path = path_ / name;
  auto fresh = path;
  fresh += ".new";
  {
    const open_file file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (!file.ok() || !write_all(file.get(), text) || ::fsync(file.get()) != 0)
      return failed("write", fresh, errno);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return failed("write", path, errno);
  const open_file folder{::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.ok() || ::fsync(folder.get()) != 0) return failed("write", path, errno);
  return {};
}

bool survey_folder::owns(const fs::path& path) const {
  if (path == path_) return true;
  for (const auto* suffix : {"", "-wal", "-shm", "-journal"}) {
    auto own = store_file_;
    own += suffix;
    if (path == own) return true;
  }
  return false;
}

std::string work_name(std::uint64_t batch) { return numbered("work/", batch); }
std::string result_name(std::uint64_t batch) { return numbered("result/", batch); }

core::content_ref plan_ref(std::string_view plan_text) {
  return core::content_ref{"survey:plan/sha256:" + core::sha256_hex(plan_text)};
}
core::content_ref work_ref(std::uint64_t batch) {
  return core::content_ref{numbered(work_prefix, batch)};
}
core::content_ref result_ref(std::uint64_t batch) {
  return core::content_ref{numbered(result_prefix, batch)};
}
core::content_ref report_ref() { return core::content_ref{"survey:report"}; }

std::optional<std::uint64_t> work_batch(const core::content_ref& ref) {
  return number_after(work_prefix, ref.text());
}
std::optional<std::uint64_t> result_batch(const core::content_ref& ref) {
  return number_after(result_prefix, ref.text());
}

}  // namespace agentpool::tools
