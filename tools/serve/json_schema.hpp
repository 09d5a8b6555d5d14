#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "agentpool/core/json_fields.hpp"

/// JSON Schema 2020-12 of records, from the one statement of their fields.
namespace agentpool::tools {

/// Whether a schema is of what a caller writes, or of what it is answered.
enum class schema_of : std::uint8_t {
  request,  ///< What has a default may be left out; nothing unknown may stand there.
  answer,
};

/// A record may describe its fields for readers: `static std::string_view describe(name)`; "" says
/// nothing.
template <class T>
concept described_record = requires {
  { T::describe(std::string_view{}) } -> std::convertible_to<std::string_view>;
};

/// Appends the schema of T to `out`.
template <class T>
void write_schema(std::string& out, schema_of what);

namespace detail {

/// Writes the properties of one record and gathers which are required.
template <class Record>
struct schema_fields {
  std::string& out;
  schema_of what;
  std::string required = {};
  bool first = true;

  template <class T>
  void operator()(std::string_view name, const T&) {
    property<T>(name, !core::detail::is_optional<T> && !core::detail::is_vector<T>);
  }
  template <class T>
  void operator()(std::string_view name, const T&, core::presence how) {
    property<T>(name, what == schema_of::answer || how == core::presence::always);
  }

  template <class T>
  void property(std::string_view name, bool is_required) {
    if (!first) out += ',';
    first = false;
    core::write_json_string(out, name);
    out += ':';
    const auto begin = out.size();
    write_schema<T>(out, what);
    if constexpr (described_record<Record>) {
      if (const std::string_view text = Record::describe(name); !text.empty()) {
        std::string described = "{\"description\":";
        core::write_json_string(described, text);
        if (out[begin + 1] != '}') described += ',';
        out.replace(begin, 1, described);
      }
    }
    if (!is_required) return;
    if (!required.empty()) required += ',';
    core::write_json_string(required, name);
  }
};

template <class T>
void write_record_schema(std::string& out, schema_of what, std::string_view tag,
                         std::string_view tag_value) {
  out += R"({"type":"object","properties":{)";
  schema_fields<T> fields{out, what};
  if (!tag.empty()) {
    core::write_json_string(out, tag);
    out += ":{\"const\":";
    core::write_json_string(out, tag_value);
    out += '}';
    core::write_json_string(fields.required, tag);
    fields.first = false;
  }
  T value{};
  T::fields(std::as_const(value), fields);
  out += '}';
  if (!fields.required.empty()) out += ",\"required\":[" + fields.required + ']';
  if (what == schema_of::request && tag.empty()) out += ",\"additionalProperties\":false";
  out += '}';
}

template <class... Ts>
void write_union_schema(std::string& out, schema_of what, const std::variant<Ts...>*) {
  out += "{\"oneOf\":[";
  bool first = true;
  const auto one = [&]<class T>(const T*) {
    if constexpr (!std::is_same_v<T, core::foreign_payload>) {
      if (!first) out += ',';
      first = false;
      write_record_schema<T>(out, what, core::detail::tag_name<std::variant<Ts...>>(), T::type);
    }
  };
  (one(static_cast<const Ts*>(nullptr)), ...);
  out += "]}";
}

template <class T>
void write_schema_of_list(std::string& out, schema_of what, const std::vector<T>*) {
  out += R"({"type":"array","items":)";
  write_schema<T>(out, what);
  out += '}';
}

template <class T>
void write_schema_of_set(std::string& out, schema_of what, const core::set_of<T>*) {
  out += R"({"anyOf":[{"const":"any"},{"type":"object","properties":{"include":)";
  write_schema_of_list<T>(out, what, nullptr);
  out += R"(},"required":["include"]}]})";
}

template <class T>
void write_schema_of_optional(std::string& out, schema_of what, const std::optional<T>*) {
  write_schema<T>(out, what);
}

}  // namespace detail

template <class T>
void write_schema(std::string& out, schema_of what) {
  if constexpr (std::is_same_v<T, bool>) {
    out += R"({"type":"boolean"})";
  } else if constexpr (std::is_integral_v<T>) {
    out += R"({"type":"integer","minimum":0})";
  } else if constexpr (std::is_same_v<T, std::string>) {
    out += R"({"type":"string"})";
  } else if constexpr (core::is_strong_id<T>) {
    out += R"({"type":"string","minLength":1,"maxLength":512})";
  } else if constexpr (core::named_enum<T>) {
    out += R"({"type":"string","enum":[)";
    bool first = true;
    for (const auto text : core::enum_text<T>::values) {
      if (!first) out += ',';
      first = false;
      core::write_json_string(out, text);
    }
    out += "]}";
  } else if constexpr (core::detail::is_optional<T>) {
    detail::write_schema_of_optional(out, what, static_cast<const T*>(nullptr));
  } else if constexpr (core::detail::is_vector<T>) {
    detail::write_schema_of_list(out, what, static_cast<const T*>(nullptr));
  } else if constexpr (core::detail::is_set_of<T>) {
    detail::write_schema_of_set(out, what, static_cast<const T*>(nullptr));
  } else if constexpr (core::detail::is_tagged_union<T>) {
    detail::write_union_schema(out, what, static_cast<const T*>(nullptr));
  } else if constexpr (std::is_same_v<T, core::event_stream_scope>) {
    out += "{}";  // records.md: a word, or an object with one field
  } else {
    static_assert(core::record<T>, "a record states its fields");
    detail::write_record_schema<T>(out, what, {}, {});
  }
}

/// The schema of T as compact JSON.
template <class T>
[[nodiscard]] std::string json_schema(schema_of what) {
  std::string out;
  write_schema<T>(out, what);
  return out;
}

}  // namespace agentpool::tools
