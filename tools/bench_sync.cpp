#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using values = core::outcome<std::vector<double>>;
using steady = std::chrono::steady_clock;

/// A file that grows; it goes with its folder.
class growing_file {
 public:
  explicit growing_file(const std::string& path)
      : file_{open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600)} {
    record_.fill('x');
  }
  ~growing_file() {
    if (file_ >= 0) close(file_);
  }
  growing_file(const growing_file&) = delete;
  growing_file& operator=(const growing_file&) = delete;

  /// Appends so many records and waits until the disk has them.
  [[nodiscard]] bool append(std::uint64_t records) {
    for (std::uint64_t one = 0; one < records; ++one)
      if (::write(file_, record_.data(), record_.size()) != static_cast<ssize_t>(record_.size()))
        return false;
    return fdatasync(file_) == 0;
  }

 private:
  int file_;
  std::array<char, 512> record_{};
};

values appends(const std::string& path, std::uint64_t records, std::chrono::nanoseconds time) {
  growing_file file{path};
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + time; count += records)
    if (!file.append(records)) return core::store_unavailable("cannot append to " + path);
  return std::vector<double>{rate_since(start, count)};
}

}  // namespace

std::vector<comparison_part> sync_parts() {
  std::vector<comparison_part> parts;
  for (const std::uint64_t records : {1, 64, 1'000})
    parts.push_back({"fdatasync/" + std::to_string(records),
                     [records](const bench_effort& effort) -> core::outcome<bench_sides> {
                       const auto path = effort.folder + "/appended";
                       return bench_sides{
                           {{"records of 512 bytes a second", {}, {}}},
                           [=, time = effort.time] { return appends(path, records, time); }};
                     }});
  return parts;
}

}  // namespace agentpool::tools
