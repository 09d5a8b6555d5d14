#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace agentpool::core {

/// A value that is copied and compared as such, in a block of its own: for what is large and rare
/// inside of what is small and frequent. One that was moved from can only be assigned to or end.
template <class T>
class boxed {
 public:
  boxed() : held_{std::make_unique<T>()} {}
  boxed(T value) : held_{std::make_unique<T>(std::move(value))} {}
  boxed(const boxed& other) : held_{std::make_unique<T>(*other.held_)} {}
  boxed(boxed&&) noexcept = default;
  boxed& operator=(const boxed& other) {
    held_ = std::make_unique<T>(*other.held_);
    return *this;
  }
  boxed& operator=(boxed&&) noexcept = default;
  ~boxed() = default;

  [[nodiscard]] T& operator*() noexcept { return *held_; }
  [[nodiscard]] const T& operator*() const noexcept { return *held_; }
  [[nodiscard]] T* operator->() noexcept { return held_.get(); }
  [[nodiscard]] const T* operator->() const noexcept { return held_.get(); }

  friend bool operator==(const boxed& a, const boxed& b) { return *a.held_ == *b.held_; }

 private:
  std::unique_ptr<T> held_;
};

/// The same for a value that may be missing.
template <class T>
class boxed_optional {
 public:
  boxed_optional() = default;
  boxed_optional(T value) : held_{std::make_unique<T>(std::move(value))} {}
  boxed_optional(std::optional<T> value) {
    if (value) held_ = std::make_unique<T>(*std::move(value));
  }
  boxed_optional(const boxed_optional& other) {
    if (other) held_ = std::make_unique<T>(*other);
  }
  boxed_optional(boxed_optional&&) noexcept = default;
  boxed_optional& operator=(const boxed_optional& other) {
    held_ = other ? std::make_unique<T>(*other) : nullptr;
    return *this;
  }
  boxed_optional& operator=(boxed_optional&&) noexcept = default;
  /// `= {…}` makes a value, as with std::optional.
  template <class Value = T>
  requires std::same_as<std::remove_cvref_t<Value>, T> boxed_optional& operator=(Value&& value) {
    emplace(std::forward<Value>(value));
    return *this;
  }
  ~boxed_optional() = default;

  template <class... Args>
  T& emplace(Args&&... args) {
    held_ = std::make_unique<T>(std::forward<Args>(args)...);
    return *held_;
  }
  void reset() noexcept { held_.reset(); }

  [[nodiscard]] bool has_value() const noexcept { return held_ != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] T& operator*() noexcept { return *held_; }
  [[nodiscard]] const T& operator*() const noexcept { return *held_; }
  [[nodiscard]] T* operator->() noexcept { return held_.get(); }
  [[nodiscard]] const T* operator->() const noexcept { return held_.get(); }

  friend bool operator==(const boxed_optional& a, const boxed_optional& b) {
    return a && b ? *a == *b : a.has_value() == b.has_value();
  }

 private:
  std::unique_ptr<T> held_;
};

/// The same for a value that mostly stays its default: it has no block until someone changes it.
template <class T>
class boxed_default {
 public:
  [[nodiscard]] const T& operator*() const noexcept {
    static const T unchanged{};
    return held_ ? *held_ : unchanged;
  }
  [[nodiscard]] const T* operator->() const noexcept { return &**this; }

  /// The value for changing it.
  [[nodiscard]] T& edit() {
    if (!held_) held_ = std::make_unique<T>();
    return *held_;
  }
  /// Back to the default.
  void reset() noexcept { held_.reset(); }

  /// It may differ from the default.
  [[nodiscard]] bool changed() const noexcept { return held_ != nullptr; }

 private:
  std::unique_ptr<T> held_;
};

}  // namespace agentpool::core
