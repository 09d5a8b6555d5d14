#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "agentpool/core/enum_text.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/strong_id.hpp"
#include "packed.hpp"

/// Records in few bytes, field after field, from the statement that their JSON comes from. The
/// form is not for keeping: it changes with the records.
namespace agentpool::core {

/// A visitor that appends the fields it visits to a text.
class field_packer {
 public:
  explicit field_packer(std::string& out) : out_{out} {}

  template <class T>
  void operator()(std::string_view, const T& field) {
    put(field);
  }
  template <class T>
  void operator()(std::string_view, const T& field, presence) {
    put(field);
  }

  void put(const std::string& text) { out_.text(text); }
  template <class Tag>
  void put(const strong_id<Tag>& id) {
    out_.text(id.text());
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const set_of<T>& set) {
    put(set.include.has_value());
    if (set.include) put(*set.include);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    out_.number(list.size());
    for (const auto& element : list) put(element);
  }
  template <class... Ts>
  void put(const std::variant<Ts...>& value) {
    out_.number(value.index());
    std::visit([this](const auto& alternative) { this->put(alternative); }, value);
  }
  void put(const whole_scope&) {}
  void put(const run_scope& scope) { put(scope.run); }
  void put(const agent_scope& scope) { put(scope.agent); }
  /// A number, an enumeration or a record.
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      out_.number(static_cast<std::uint64_t>(value));
    } else {
      T::fields(value, *this);
    }
  }

 private:
  packed_writer out_;
};

/// A visitor that reads what a `field_packer` wrote into the fields it visits.
class field_unpacker {
 public:
  explicit field_unpacker(std::string_view in) : in_{in} {}

  template <class T>
  void operator()(std::string_view, T& field) {
    get(field);
  }
  template <class T>
  void operator()(std::string_view, T& field, presence) {
    get(field);
  }

  void get(std::string& text) { text = in_.text(); }
  template <class Tag>
  void get(strong_id<Tag>& id) {
    const auto text = in_.text();
    id = text.empty() ? strong_id<Tag>{} : strong_id<Tag>{text};
  }
  template <class T>
  void get(std::optional<T>& value) {
    value.reset();
    if (in_.number() != 0) get(value.emplace());
  }
  template <class T>
  void get(set_of<T>& set) {
    set.include.reset();
    if (in_.number() != 0) get(set.include.emplace());
  }
  template <class T>
  void get(std::vector<T>& list) {
    list.resize(in_.number());
    for (auto& element : list) get(element);
  }
  template <class... Ts>
  void get(std::variant<Ts...>& value) {
    const auto index = in_.number();
    std::uint64_t at = 0;
    ((at++ == index ? get(value.template emplace<Ts>()) : void()), ...);
  }
  void get(whole_scope&) {}
  void get(run_scope& scope) { get(scope.run); }
  void get(agent_scope& scope) { get(scope.agent); }
  template <class T>
  void get(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      value = static_cast<T>(in_.number());
    } else {
      T::fields(value, *this);
    }
  }

 private:
  packed_reader in_;
};

}  // namespace agentpool::core
