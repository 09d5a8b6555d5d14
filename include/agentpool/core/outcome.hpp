#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "agentpool/core/error.hpp"

namespace agentpool::core {

/// A value, or the reason why there is none. Reading the one that is not there is a bug and
/// throws std::bad_variant_access.
template <class T>
class [[nodiscard]] outcome {
 public:
  outcome(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  outcome(agent_error error) : state_{std::in_place_index<1>, std::move(error)} {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const agent_error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, agent_error> state_;
};

/// Success without a value, or the reason why not.
template <>
class [[nodiscard]] outcome<void> {
 public:
  outcome() = default;
  outcome(agent_error error) : error_{std::move(error)} {}

  [[nodiscard]] bool ok() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] const agent_error& error() const { return error_.value(); }

 private:
  std::optional<agent_error> error_;
};

}  // namespace agentpool::core
