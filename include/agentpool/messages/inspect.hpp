#pragma once

#include <caf/data_processor.hpp>
#include <caf/error.hpp>
#include <caf/none.hpp>
#include <caf/sec.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/strong_id.hpp"

/// How records travel between nodes: field after field, from the statement that their JSON comes
/// from. Loading checks what it loads: identifiers, enumerations, union alternatives.
namespace agentpool::messages::detail {

/// Carries values through an inspector until the first fault.
template <class Inspector>
class carrier {
 public:
  explicit carrier(Inspector& inspector) : inspector_{inspector} {}

  template <class T>
  void operator()(std::string_view, T& field) {
    carry(field);
  }
  template <class T>
  void operator()(std::string_view, T& field, core::presence) {
    carry(field);
  }

  [[nodiscard]] caf::error fault() const { return fault_; }

 private:
  static constexpr bool saves = Inspector::reads_state;

  template <class T>
  void plain(T& value) {
    if (fault_ == caf::none) fault_ = inspector_(value);
  }
  void refuse() {
    if (fault_ == caf::none) fault_ = caf::sec::invalid_argument;
  }
  [[nodiscard]] bool sound() const { return fault_ == caf::none; }

  template <core::record T>
  void carry(T& value) {
    T::fields(value, *this);
  }

  template <core::named_enum T>
  void carry(T& value) {
    auto number = static_cast<std::underlying_type_t<T>>(value);
    plain(number);
    if constexpr (!saves) {
      if (number >= core::enum_text<T>::values.size()) return refuse();
      value = static_cast<T>(number);
    }
  }

  template <class Tag>
  void carry(core::strong_id<Tag>& id) {
    std::string text = id.text();
    plain(text);
    if constexpr (!saves) {
      if (!sound() || !core::identifier_fault(text).empty()) return refuse();
      id = core::strong_id<Tag>{std::move(text)};
    }
  }

  template <class T>
  void carry(std::optional<T>& value) {
    carry_optional(value);
  }
  template <class T>
  void carry(core::boxed_optional<T>& value) {
    carry_optional(value);
  }
  template <class Optional>
  void carry_optional(Optional& value) {
    bool set = value.has_value();
    plain(set);
    if constexpr (!saves) {
      value.reset();
      if (sound() && set) value.emplace();
    }
    if (value) carry(*value);
  }

  template <class T>
  void carry(core::set_of<T>& value) {
    carry(value.include);
  }

  template <class T>
  void carry(std::vector<T>& values) {
    auto size = static_cast<std::uint32_t>(values.size());
    plain(size);
    if constexpr (saves) {
      for (auto& value : values) carry(value);
    } else {
      values.clear();
      for (std::uint32_t i = 0; i < size && sound(); ++i) carry(values.emplace_back());
    }
  }

  template <class... Ts>
  void carry(std::variant<Ts...>& value) {
    auto index = static_cast<std::uint8_t>(value.index());
    plain(index);
    if constexpr (!saves) {
      if (!sound() || index >= sizeof...(Ts)) return refuse();
      std::uint8_t at = 0;
      ((at++ == index ? void(value.template emplace<Ts>()) : void()), ...);
    }
    std::visit([this](auto& alternative) { this->carry(alternative); }, value);
  }

  template <class T>
  void carry(T& value) {
    if constexpr (requires {
                    value.run;
                    requires std::is_aggregate_v<T>;
                  }) {
      carry(value.run);
    } else if constexpr (requires {
                           value.agent;
                           requires std::is_aggregate_v<T>;
                         }) {
      carry(value.agent);
    } else if constexpr (requires {
                           value.json;
                           requires std::is_aggregate_v<T>;
                         }) {
      carry(value.json);
    } else if constexpr (!std::is_empty_v<T>) {
      plain(value);
    }
  }

  Inspector& inspector_;
  caf::error fault_;
};

}  // namespace agentpool::messages::detail

namespace agentpool::core {

/// Found by CAF for every record. Printing tells that there is something, never what.
template <class Inspector, record T>
typename Inspector::result_type inspect(Inspector& inspector, T& value) {
  if constexpr (std::is_base_of_v<caf::data_processor<Inspector>, Inspector>) {
    messages::detail::carrier<Inspector> carry{inspector};
    T::fields(value, carry);
    return carry.fault();
  } else {
    std::string text{"(redacted)"};
    return inspector(text);
  }
}

}  // namespace agentpool::core

namespace agentpool::messages {
using core::inspect;
}
