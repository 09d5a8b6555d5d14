#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/journal_records.hpp"
#include "agentpool/core/json.hpp"
#include "agentpool/core/json_path.hpp"
#include "agentpool/core/json_tree.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/strong_id.hpp"

/// How values become JSON and back, for whoever has records of their own. Everybody else
/// includes json.hpp, which costs less to compile.
namespace agentpool::core {

namespace detail {

/// A short name for what a value is: "null", "a string", …
[[nodiscard]] const char* described(json_kind kind);
[[noreturn]] void wrong_type(const json_path& path, const char* wanted, const json_value& got);
[[noreturn]] void fail(const json_path& path, std::string what);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_set_of = false;
template <class T>
inline constexpr bool is_set_of<set_of<T>> = true;

template <class T>
inline constexpr bool is_tagged_union = false;
template <class... Ts>
inline constexpr bool is_tagged_union<std::variant<Ts...>> =
    ((tagged_record<Ts> || std::is_same_v<Ts, foreign_payload>)&&...);

/// The field that tells the alternatives of a union apart.
template <class T>
constexpr std::string_view tag_name() {
  return std::is_same_v<T, event_payload> ? "mode" : "type";
}

}  // namespace detail

// ---- writing ------------------------------------------------------------------------------

/// Writes the fields of one record, a comma between them.
struct json_writer {
  std::string& out;
  bool first = true;

  void key(std::string_view name) {
    if (!first) out += ',';
    first = false;
    out += '"';
    out += name;
    out += "\":";
  }
  template <class T>
  void operator()(std::string_view name, const T& value);
  template <class T>
  void operator()(std::string_view name, const T& value, presence) {
    key(name);
    write_value(out, value);
  }

  template <class T>
  static void write_value(std::string& out, const T& value);
  static void write_value(std::string& out, const event_stream_scope& scope);
};

template <class T>
void json_writer::operator()(std::string_view name, const T& value) {
  if constexpr (detail::is_optional<T>) {
    if (!value) return;
  }
  if constexpr (detail::is_vector<T>) {
    if (value.empty()) return;
  }
  key(name);
  write_value(out, value);
}

namespace detail {

template <class T>
void write_list(std::string& out, const std::vector<T>& values) {
  out += '[';
  bool first = true;
  for (const auto& value : values) {
    if (!first) out += ',';
    first = false;
    json_writer::write_value(out, value);
  }
  out += ']';
}

template <class... Ts>
void write_union(std::string& out, const std::variant<Ts...>& value) {
  std::visit(
      [&out]<class T>(const T& held) {
        if constexpr (std::is_same_v<T, foreign_payload>) {
          out += held.json;
        } else {
          json_writer fields{out};
          out += '{';
          fields.key(tag_name<std::variant<Ts...>>());
          write_json_string(out, T::type);
          T::fields(held, fields);
          out += '}';
        }
      },
      value);
}

template <class T>
void write_number(std::string& out, T value) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  out.append(std::begin(digits), end);
}

}  // namespace detail

template <class T>
void json_writer::write_value(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    detail::write_number(out, value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    write_json_string(out, value);
  } else if constexpr (is_strong_id<T>) {
    write_json_string(out, value.text());
  } else if constexpr (named_enum<T>) {
    write_json_string(out, to_text(value));
  } else if constexpr (detail::is_optional<T>) {
    write_value(out, *value);
  } else if constexpr (detail::is_vector<T>) {
    detail::write_list(out, value);
  } else if constexpr (detail::is_set_of<T>) {
    if (!value.include) {
      out += "\"any\"";
      return;
    }
    out += "{\"include\":";
    detail::write_list(out, *value.include);
    out += '}';
  } else if constexpr (detail::is_tagged_union<T>) {
    detail::write_union(out, value);
  } else {
    static_assert(record<T>, "a record states its fields");
    json_writer fields{out};
    out += '{';
    T::fields(value, fields);
    out += '}';
  }
}

// ---- reading ------------------------------------------------------------------------------

/// Reads values out of a parsed tree; throws `json_fault`.
struct json_reader {
  reading how = reading::strict;

  template <class T>
  void read(const json_value& tree, T& into, const json_path& path) const;
  void read(const json_value& tree, event_stream_scope& into, const json_path& path) const;
  void read(const json_value& tree, run_address& into, const json_path& path) const;

  template <class T>
  void read_record(const json_value& tree, T& into, const json_path& path) const;
};

namespace detail {

/// Reads the fields of one record. Records are mostly written in the order of their fields, so
/// looking for the next one starts behind the last one.
class field_reader {
 public:
  field_reader(const json_reader& reader, const json_value& tree, const json_path& path)
      : reader_{reader}, tree_{tree}, path_{path}, next_{tree.begin()} {}

  template <class T>
  void operator()(std::string_view name, T& into) {
    const auto found = find(name);
    if constexpr (is_optional<T>) {
      into.reset();
      if (!found || found->is_null()) return;
      reader_.read(*found, into.emplace(), path_.below(name));
    } else {
      if constexpr (is_vector<T>) into.clear();
      if (found) return reader_.read(*found, into, path_.below(name));
      if constexpr (!is_vector<T>) fail(path_.below(name), "is missing");
    }
  }
  template <class T>
  void operator()(std::string_view name, T& into, presence how) {
    const auto found = find(name);
    if (found) return reader_.read(*found, into, path_.below(name));
    if (how == presence::defaulted && reader_.how == reading::request) return;
    fail(path_.below(name), "is missing");
  }

 private:
  [[nodiscard]] std::optional<json_value> find(std::string_view name) {
    if (next_ == tree_.end() || (*next_).key() != name) return tree_.find(name);
    const json_value found = *next_;
    ++next_;
    return found;
  }

  const json_reader& reader_;
  const json_value& tree_;
  const json_path& path_;
  json_value::iterator next_;
};

template <class T>
void read_integer(const json_value& tree, T& into, const json_path& path) {
  if (!tree.is(json_kind::number)) wrong_type(path, "a whole number", tree);
  const std::string_view digits = tree.text();
  const char* const end = digits.data() + digits.size();
  const auto [read, fault] = std::from_chars(digits.data(), end, into);
  if (fault == std::errc{} && read == end) return;
  fail(path, "must be a whole number from 0 to " + std::to_string(std::numeric_limits<T>::max()));
}

std::string_view text_of(const json_value& tree, const json_path& path);

template <named_enum T>
void read_enum(const json_value& tree, T& into, const json_path& path) {
  const std::string_view text = text_of(tree, path);
  const auto& texts = enum_text<T>::values;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] != text) continue;
    into = static_cast<T>(i);
    return;
  }
  fail(path, "is not a known " + std::string{enum_text<T>::type});
}

template <class T>
void read_list(const json_reader& reader, const json_value& tree, std::vector<T>& into,
               const json_path& path) {
  if (!tree.is(json_kind::list)) wrong_type(path, "a list", tree);
  into.clear();
  into.reserve(tree.size());
  for (const json_value element : tree) {
    const json_path at = path.below(into.size());
    reader.read(element, into.emplace_back(), at);
  }
}

template <class T>
void read_set(const json_reader& reader, const json_value& tree, set_of<T>& into,
              const json_path& path) {
  if (tree.is(json_kind::string) && tree.text() == "any") {
    into.include.reset();
    return;
  }
  const auto include = tree.find("include");
  if (!include) fail(path, "must be \"any\" or {\"include\": [...]}");
  read_list(reader, *include, into.include.emplace(), path.below("include"));
}

template <class T, class Union>
bool read_alternative(const json_reader& reader, const json_value& tree, std::string_view tag,
                      Union& into, const json_path& path) {
  if constexpr (std::is_same_v<T, foreign_payload>) {
    for (const auto known : enum_text<journal_payload_type>::values) {
      if (known != tag) continue;
      into = foreign_payload{tree.compact()};
      return true;
    }
    return false;
  } else {
    if (tag != T::type) return false;
    reader.read_record(tree, into.template emplace<T>(), path);
    return true;
  }
}

template <class... Ts>
void read_union(const json_reader& reader, const json_value& tree, std::variant<Ts...>& into,
                const json_path& path) {
  constexpr auto name = tag_name<std::variant<Ts...>>();
  if (!tree.is(json_kind::object)) wrong_type(path, "an object", tree);
  const auto found = tree.find(name);
  if (!found) fail(path.below(name), "is missing");
  const std::string_view tag = text_of(*found, path.below(name));
  if (!(read_alternative<Ts>(reader, tree, tag, into, path) || ...))
    fail(path.below(name), "is not a known value");
}

}  // namespace detail

template <class T>
void json_reader::read_record(const json_value& tree, T& into, const json_path& path) const {
  if (!tree.is(json_kind::object)) detail::wrong_type(path, "an object", tree);
  detail::field_reader fields{*this, tree, path};
  T::fields(into, fields);
}

/// Bounds that a record's own type cannot state; called for every record read.
void check_record(const queue_config& read, const json_path& path);
template <class T>
void check_record(const T&, const json_path&) {}

template <class T>
void json_reader::read(const json_value& tree, T& into, const json_path& path) const {
  if constexpr (std::is_same_v<T, bool>) {
    if (!tree.is(json_kind::boolean)) detail::wrong_type(path, "true or false", tree);
    into = tree.boolean();
  } else if constexpr (std::is_integral_v<T>) {
    detail::read_integer(tree, into, path);
  } else if constexpr (std::is_same_v<T, std::string>) {
    into = detail::text_of(tree, path);
  } else if constexpr (is_strong_id<T>) {
    const std::string_view text = detail::text_of(tree, path);
    try {
      into = T{text};
    } catch (const bad_identifier& fault) {
      detail::fail(path, fault.what());
    }
  } else if constexpr (named_enum<T>) {
    detail::read_enum(tree, into, path);
  } else if constexpr (detail::is_vector<T>) {
    detail::read_list(*this, tree, into, path);
  } else if constexpr (detail::is_set_of<T>) {
    detail::read_set(*this, tree, into, path);
  } else if constexpr (detail::is_tagged_union<T>) {
    detail::read_union(*this, tree, into, path);
  } else {
    static_assert(record<T>, "a record states its fields");
    read_record(tree, into, path);
    check_record(into, path);
  }
}

/// A value of any of these types as compact JSON.
template <class T>
[[nodiscard]] std::string written(const T& value) {
  std::string out;
  json_writer::write_value(out, value);
  return out;
}

/// Reads a value of any of these types out of a tree; the error's message begins with the path.
template <class T>
[[nodiscard]] outcome<T> read_json(const json_value& tree, reading how = reading::strict,
                                   std::string_view path = {}) {
  try {
    T value{};
    json_reader{how}.read(tree, value, json_path{path});
    return value;
  } catch (const json_fault& fault) {
    return contract_violation((fault.path.empty() ? "value" : fault.path) + ": " + fault.what);
  }
}

}  // namespace agentpool::core
