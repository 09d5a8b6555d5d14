#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace agentpool::core {

/// A list of small values of which there are mostly no more than `Inside`: those stand in the list
/// itself, more of them in a block apart.
template <class T, std::uint32_t Inside>
class few {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) * Inside >= sizeof(T*));

 public:
  few() noexcept : inside_{} {}
  few(const few& other) : few{} {
    reserve(other.size_);
    size_ = other.size_;
    std::copy(other.begin(), other.end(), begin());
  }
  few(few&& other) noexcept : few{} { swap(other); }
  few& operator=(few other) noexcept {
    swap(other);
    return *this;
  }
  ~few() {
    if (apart()) delete[] block_;
  }

  [[nodiscard]] T* begin() noexcept { return apart() ? block_ : inside_; }
  [[nodiscard]] T* end() noexcept { return begin() + size_; }
  [[nodiscard]] const T* begin() const noexcept { return apart() ? block_ : inside_; }
  [[nodiscard]] const T* end() const noexcept { return begin() + size_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Before `where`, which is one of its places or the end.
  void insert(const T* where, T value) {
    const auto at = where - begin();
    if (size_ == room_) reserve(room_ * 2);
    std::copy_backward(begin() + at, end(), end() + 1);
    begin()[at] = value;
    ++size_;
  }

  /// From `first` to before `last`.
  void erase(const T* first, const T* last) {
    std::copy(last, std::as_const(*this).end(), begin() + (first - begin()));
    size_ -= static_cast<std::uint32_t>(last - first);
  }

 private:
  [[nodiscard]] bool apart() const noexcept { return room_ != Inside; }

  void reserve(std::uint32_t room) {
    if (room <= room_) return;
    auto* block = new T[room];
    std::copy(begin(), end(), block);
    if (apart()) delete[] block_;
    block_ = block;
    room_ = room;
  }

  void swap(few& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(room_, other.room_);
    std::byte mine[sizeof(inside_)];
    std::memcpy(mine, static_cast<const void*>(&inside_), sizeof(inside_));
    std::memcpy(static_cast<void*>(&inside_), static_cast<const void*>(&other.inside_),
                sizeof(inside_));
    std::memcpy(static_cast<void*>(&other.inside_), mine, sizeof(inside_));
  }

  std::uint32_t size_ = 0;
  std::uint32_t room_ = Inside;
  union {
    T inside_[Inside];
    T* block_;
  };
};

}  // namespace agentpool::core
