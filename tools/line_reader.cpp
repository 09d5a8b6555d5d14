#include "line_reader.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace agentpool::tools {

bool line_reader::fill() {
  std::array<char, 65536> chunk;
  for (;;) {
    const auto count = ::read(input_, chunk.data(), chunk.size());
    if (count > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(count));
      return true;
    }
    if (count < 0 && errno == EINTR) continue;
    ended_ = true;
    return false;
  }
}

std::optional<line_reader::line> line_reader::next() {
  bool too_long = false;
  for (;;) {
    const auto end = buffer_.find('\n', scanned_);
    if (end != std::string::npos) {
      line found{buffer_.substr(0, end), too_long || end > line_bytes_max_};
      if (found.too_long) found.text.clear();
      buffer_.erase(0, end + 1);
      scanned_ = 0;
      return found;
    }
    scanned_ = buffer_.size();
    if (scanned_ > line_bytes_max_) {
      too_long = true;
      buffer_.clear();
      scanned_ = 0;
    }
    if (!ended_ && fill()) continue;
    if (buffer_.empty() && !too_long) return std::nullopt;
    line last{too_long ? std::string{} : std::move(buffer_), too_long};
    buffer_.clear();
    scanned_ = 0;
    return last;
  }
}

}  // namespace agentpool::tools
