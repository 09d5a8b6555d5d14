#pragma once

#include <string_view>
#include <vector>

#include "agentpool/core/boxed.hpp"

/// How records state their fields. A record is a struct with one static function template
///
///     template <class Self, class Visitor> static void fields(Self& self, Visitor& visit);
///
/// that calls `visit(name, self.member)` once a field, in the order in which they are written.
/// JSON, actor-message inspection and everything else that walks fields come from that statement.
namespace agentpool::core {

/// When a field is written and whether it may be missing on reading. Without one, an optional
/// is written when set, a list when not empty, and every other field always.
enum class presence {
  always,     ///< Written even when empty; required on reading.
  defaulted,  ///< Always written; a request may leave it out and gets the default.
};

/// Either everything ("any") or the listed values, in the caller's order. Small where it is "any",
/// as most of a filter's are.
template <class T>
struct set_of {
  boxed_optional<std::vector<T>> include;

  friend bool operator==(const set_of&, const set_of&) = default;
};

namespace detail {
struct any_visitor {
  template <class T>
  void operator()(std::string_view, T&) const {}
  template <class T>
  void operator()(std::string_view, T&, presence) const {}
};
}  // namespace detail

/// True for structs that state their fields.
template <class T>
concept record = requires(T& value, detail::any_visitor& visit) {
  T::fields(value, visit);
};

/// True for records that are one alternative of a tagged union.
template <class T>
concept tagged_record = record<T> && requires {
  T::type;
};

}  // namespace agentpool::core
