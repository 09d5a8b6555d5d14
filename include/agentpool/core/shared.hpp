#pragma once

#include <memory>
#include <utility>

namespace agentpool::core {

/// A value that many may hold and nobody changes: copying it copies a pointer. Different holders
/// may be in different threads.
template <class T>
class shared {
 public:
  shared() : held_{std::make_shared<T>()} {}
  shared(T value) : held_{std::make_shared<T>(std::move(value))} {}

  [[nodiscard]] const T& operator*() const noexcept { return *held_; }
  [[nodiscard]] const T* operator->() const noexcept { return held_.get(); }

  /// The value for changing it, first copied if others hold it too.
  [[nodiscard]] T& edit() {
    if (held_.use_count() > 1) held_ = std::make_shared<T>(*held_);
    return *held_;
  }

  friend bool operator==(const shared& a, const shared& b) {
    return a.held_ == b.held_ || *a.held_ == *b.held_;
  }

 private:
  std::shared_ptr<T> held_;
};

/// The value, for visiting it as a field.
template <class T>
[[nodiscard]] const T& field_of(const shared<T>& value) {
  return *value;
}
template <class T>
[[nodiscard]] T& field_of(shared<T>& value) {
  return value.edit();
}

}  // namespace agentpool::core
