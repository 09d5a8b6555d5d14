#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace agentpool::core {

/// The enumeration's name in the record tables and the text of each value, in order.
/// The texts are what stands in JSON.
template <class Enum>
struct enum_text;

/// True for the closed enumerations of records.
template <class T>
concept named_enum = requires {
  enum_text<T>::values;
};

/// The text that stands for `value` in JSON.
template <named_enum T>
[[nodiscard]] constexpr std::string_view to_text(T value) noexcept {
  return enum_text<T>::values[static_cast<std::size_t>(value)];
}

}  // namespace agentpool::core
