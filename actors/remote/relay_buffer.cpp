#include "actors/remote/relay_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace agentpool::actors::remote {

namespace {

constexpr std::size_t least_bytes = 16U << 10U;

}  // namespace

std::span<std::byte> relay_buffer::room() {
  if (begin_ > 0 && end_ + least_bytes / 2 > bytes_.size()) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
    decided_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == bytes_.size() && bytes_.size() < most_)
    bytes_.resize(std::min(most_, std::max(least_bytes, 4 * bytes_.size())));
  return std::span{bytes_}.subspan(end_);
}

std::span<const std::byte> relay_buffer::fresh() const noexcept {
  return std::span{bytes_}.subspan(decided_, end_ - decided_);
}

void relay_buffer::omit(std::size_t bytes) noexcept {
  if (bytes == 0) return;
  std::memmove(bytes_.data() + decided_, bytes_.data() + decided_ + bytes, end_ - decided_ - bytes);
  end_ -= bytes;
}

std::span<const std::byte> relay_buffer::ready() const noexcept {
  return std::span{bytes_}.subspan(begin_, decided_ - begin_);
}

void relay_buffer::written(std::size_t bytes) noexcept {
  begin_ += bytes;
  if (begin_ == end_) begin_ = decided_ = end_ = 0;
}

void relay_buffer::relax() {
  if (end_ == 0 && bytes_.size() > least_bytes) std::vector<std::byte>{}.swap(bytes_);
}

}  // namespace agentpool::actors::remote
