#pragma once

#include <rapidcheck.h>

#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "agentpool/core/journal_records.hpp"
#include "agentpool/core/json_fields.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/store_records.hpp"

/// Random records for properties. Any record can be made, since records state their fields:
/// `generators::any<run_message>()`. Values are valid, but as odd as the rules allow.
namespace generators {

namespace core = agentpool::core;

/// How many elements a generated list has at most; a broadcast of more shows nothing new.
inline constexpr std::size_t list_length_max = 3;

/// Fills a value field by field. Call it inside a property or `rc::gen::exec` alone.
struct filler {
  template <class T>
  void operator()(std::string_view, T& into) {
    fill(into);
  }
  template <class T>
  void operator()(std::string_view, T& into, core::presence) {
    fill(into);
  }
  void operator()(std::string_view name, std::uint64_t& into, core::presence) {
    into = *rc::gen::inRange<std::uint64_t>(1, name == "capacity" ? 100 : 4);
  }

  template <class T>
  void fill(T& into);
};

/// Any record, union, list, set, enumeration, identifier, text, flag or number.
template <class T>
rc::Gen<T> any() {
  return rc::gen::exec([] {
    T value{};
    filler{}.fill(value);
    return value;
  });
}

/// Texts of identifiers: few enough to meet again, odd enough to need escapes and all UTF-8
/// lengths.
inline std::string identifier_text() {
  static const std::array<std::string, 9> texts{"a",
                                                "b",
                                                "c.1",
                                                "run.lead",
                                                "with \"quotes\" and \\",
                                                "é.ß/ñ",
                                                "\u4e2d\u6587",
                                                "\U0001F680",
                                                std::string(core::identifier_bytes_max, 'x')};
  return *rc::gen::elementOf(texts);
}

/// Texts beyond identifiers: they may be empty and hold control characters, NUL included.
inline std::string free_text() {
  static const std::array<std::string, 8> pieces{
      "",           "plain ",  "\"\\/",  std::string("\0\x01\x1f\x7f", 4),
      "\b\f\n\r\t", "\u0085é", "\u2028", "\U0010FFFF"};
  std::string text;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(
           *rc::gen::inRange<std::size_t>(0, 4), rc::gen::elementOf(pieces)))
    text += piece;
  return text;
}

/// Payloads of components outside the pool, in the compact form in which they are kept.
inline std::string foreign_json() {
  static const std::array<std::string, 4> payloads{
      R"({"type":"tool","b":1,"a":[null,true,-7,1.5],"z":{"y":"x"}})", R"({"type":"recovery"})",
      R"({"n":18446744073709551615,"type":"hook"})", R"({"type":"checkpoint","é":"\u0000"})"};
  return *rc::gen::elementOf(payloads);
}

namespace detail {

template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

template <class Variant, std::size_t... I>
void fill_alternative(filler& fill, Variant& into, std::index_sequence<I...>) {
  const auto chosen = *rc::gen::inRange<std::size_t>(0, sizeof...(I));
  ((chosen == I ? fill.fill(into.template emplace<I>()) : void()), ...);
}

template <class T>
void fill_list(filler& fill, std::vector<T>& into) {
  into.resize(*rc::gen::inRange<std::size_t>(0, list_length_max + 1));
  for (auto& element : into) fill.fill(element);
}

template <class T>
void fill_number(T& into) {
  into = *rc::gen::oneOf(rc::gen::arbitrary<T>(),
                         rc::gen::element<T>(0, 1, std::numeric_limits<T>::max()));
}

}  // namespace detail

template <class T>
void filler::fill(T& into) {
  if constexpr (std::is_same_v<T, bool>) {
    into = *rc::gen::arbitrary<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    detail::fill_number(into);
  } else if constexpr (std::is_same_v<T, std::string>) {
    into = free_text();
  } else if constexpr (core::is_strong_id<T>) {
    into = T{identifier_text()};
  } else if constexpr (core::named_enum<T>) {
    into = static_cast<T>(*rc::gen::inRange<std::size_t>(0, core::enum_text<T>::values.size()));
  } else if constexpr (core::detail::is_optional<T>) {
    if (*rc::gen::arbitrary<bool>()) fill(into.emplace());
  } else if constexpr (core::detail::is_vector<T>) {
    detail::fill_list(*this, into);
  } else if constexpr (core::detail::is_set_of<T>) {
    if (*rc::gen::arbitrary<bool>()) fill(into.include.emplace());
  } else if constexpr (detail::is_variant<T>) {
    detail::fill_alternative(*this, into, std::make_index_sequence<std::variant_size_v<T>>{});
  } else if constexpr (std::is_same_v<T, core::foreign_payload>) {
    into.json = foreign_json();
  } else if constexpr (std::is_same_v<T, core::run_scope>) {
    fill(into.run);
  } else if constexpr (std::is_same_v<T, core::agent_scope>) {
    fill(into.agent);
  } else if constexpr (core::record<T>) {
    T::fields(into, *this);
  } else {
    static_assert(std::is_same_v<T, core::whole_scope>, "a record states its fields");
  }
}

// The main records by name.
inline rc::Gen<core::run_message> run_message() { return any<core::run_message>(); }
inline rc::Gen<core::wake_condition> wake_condition() { return any<core::wake_condition>(); }
inline rc::Gen<core::event_filter> event_filter() { return any<core::event_filter>(); }
inline rc::Gen<core::agent_event> agent_event() { return any<core::agent_event>(); }
inline rc::Gen<core::store_record> store_record() { return any<core::store_record>(); }
inline rc::Gen<core::journal_record> journal_record() { return any<core::journal_record>(); }

}  // namespace generators

namespace agentpool::core {

/// How rapidcheck prints a counterexample.
template <record T>
void showValue(const T& value, std::ostream& out) {
  std::string text;
  json_writer::write_value(text, value);
  out << text;
}

}  // namespace agentpool::core
