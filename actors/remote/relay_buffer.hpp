#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace agentpool::actors::remote {

/// Bytes on their way: read at the end, decided in the middle, written from the front.
///
///     | ready: decided, to be written | fresh: read, not yet decided | room |
///
/// Grows as it is needed, up to its bound.
class relay_buffer {
 public:
  explicit relay_buffer(std::size_t most) : most_{most} {}

  /// Where the next bytes may be read to; empty when the bound is reached.
  [[nodiscard]] std::span<std::byte> room();
  /// So many bytes were read there.
  void filled(std::size_t bytes) noexcept { end_ += bytes; }

  [[nodiscard]] std::span<const std::byte> fresh() const noexcept;
  /// So many of the fresh bytes may go on.
  void pass(std::size_t bytes) noexcept { decided_ += bytes; }
  /// So many of the fresh bytes are left out.
  void omit(std::size_t bytes) noexcept;

  [[nodiscard]] std::span<const std::byte> ready() const noexcept;
  /// So many of the ready bytes were written.
  void written(std::size_t bytes) noexcept;

  /// There is no room before something was written.
  [[nodiscard]] bool full() const noexcept { return end_ - begin_ >= most_; }
  /// Gives memory back that a burst has left behind.
  void relax();

 private:
  std::size_t most_;
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  std::size_t decided_ = 0;
  std::size_t end_ = 0;
};

}  // namespace agentpool::actors::remote
