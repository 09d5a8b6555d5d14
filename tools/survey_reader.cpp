#include "survey_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace agentpool::tools {

namespace {
constexpr std::size_t piece_bytes = std::size_t{128} * 1024;
}

batch_reader::batch_reader(survey_plan batch, reading_progress progress)
    : batch_{std::move(batch)}, progress_{std::move(progress)} {}

batch_reader::~batch_reader() { close(); }

void batch_reader::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  counter_.reset();
}

bool batch_reader::read_for(std::chrono::milliseconds slice) {
  const auto until = std::chrono::steady_clock::now() + slice;
  while (next_ < batch_.files.size()) {
    if (file_ < 0) open_next();
    if (file_ >= 0) read_piece();
    if (std::chrono::steady_clock::now() >= until) break;
  }
  return next_ == batch_.files.size();
}

void batch_reader::open_next() {
  const auto& name = batch_.files[next_].path;
  const auto path = batch_.directory + "/" + name;
  // Should it have become a link or a pipe meanwhile, it is neither followed nor waited for.
  file_ = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file_ < 0) return give_up(errno);
  struct stat seen {};
  if (fstat(file_, &seen) != 0) return give_up(errno);
  if (!S_ISREG(seen.st_mode)) return give_up(0);
  counter_.emplace(shown(name));
}

void batch_reader::read_piece() {
  std::array<char, piece_bytes> piece;
  const auto count = ::read(file_, piece.data(), piece.size());
  if (count < 0) {
    if (errno != EINTR) give_up(errno);
    return;
  }
  if (count > 0) {
    counter_->take({piece.data(), static_cast<std::size_t>(count)});
    progress_(0, static_cast<std::uint64_t>(count));
    return;
  }
  counts_.add(counter_->finish());
  close();
  ++next_;
  progress_(1, 0);
}

void batch_reader::give_up(int fault) {
  counts_.add_unread(
      {shown(batch_.files[next_].path),
       fault == 0 ? "no longer a regular file" : std::generic_category().message(fault)});
  close();
  ++next_;
  progress_(1, 0);
}

}  // namespace agentpool::tools
