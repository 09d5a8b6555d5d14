#include "line_reader.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace agentpool::tools {

bool line_reader::fill() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
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
      const auto text = std::string_view{buffer_}.substr(begin_, end - begin_);
      begin_ = scanned_ = end + 1;
      if (too_long || text.size() > line_bytes_max_) return line{{}, true};
      return line{text};
    }
    scanned_ = buffer_.size();
    if (scanned_ - begin_ > line_bytes_max_) {
      too_long = true;
      begin_ = scanned_;
    }
    if (!ended_ && fill()) continue;
    const auto text = std::string_view{buffer_}.substr(begin_);
    begin_ = scanned_ = buffer_.size();
    if (too_long) return line{{}, true};
    if (text.empty()) return std::nullopt;
    return line{text};
  }
}

}  // namespace agentpool::tools
