#include "agentpool/sim/trace_line.hpp"

#include <array>
#include <cstdio>

#include "agentpool/core/json_fields.hpp"
#include "agentpool/core/utf8.hpp"

namespace agentpool::sim {

namespace {

using core::json_kind;
using core::json_path;
using core::json_value;

std::string read_text(const json_value& value, const json_path& path) {
  if (!value.is(json_kind::string)) core::detail::wrong_type(path, "a string", value);
  if (value.text().empty()) core::detail::fail(path, "is empty");
  return std::string{value.text()};
}

std::uint64_t read_number(const json_value& value, const json_path& path) {
  std::uint64_t number = 0;
  core::detail::read_integer(value, number, path);
  return number;
}

/// One id, or a list of them.
std::vector<std::string> read_names(const json_value& value, const json_path& path) {
  if (value.is(json_kind::string)) return {read_text(value, path)};
  if (value.is_null()) return {};
  if (!value.is(json_kind::list)) core::detail::wrong_type(path, "a string or a list", value);
  std::vector<std::string> names;
  for (const auto element : value) names.push_back(read_text(element, path.below(names.size())));
  return names;
}

trace_ids read_ids(const json_value& value, const json_path& path) {
  if (value.is_null()) return {};
  if (!value.is(json_kind::object)) core::detail::wrong_type(path, "an object", value);
  trace_ids ids;
  for (const auto field : value) {
    const auto at = path.below(field.key());
    if (field.key() == "run") {
      ids.run = read_names(field, at);
    } else if (field.key() == "message") {
      ids.message = read_names(field, at);
    } else if (field.key() == "wake") {
      ids.wake = read_names(field, at);
    } else if (field.key() == "pool") {
      ids.pool = read_names(field, at);
    } else {
      core::detail::fail(at, "is no kind of id: run, message, wake or pool");
    }
  }
  return ids;
}

/// Which of the fields that a line must have were there.
struct seen_fields {
  bool at = false;
  bool step = false;
};

void read_field(const json_value& field, trace_line& into, seen_fields& seen) {
  const auto name = field.key();
  const json_path path{name};
  if (name == "at") {
    into.at = read_number(field, path);
    seen.at = true;
  } else if (name == "step") {
    into.step = read_number(field, path);
    seen.step = true;
  } else if (name == "from") {
    into.from = read_text(field, path);
  } else if (name == "to") {
    into.to = read_text(field, path);
  } else if (name == "message") {
    into.message = read_text(field, path);
  } else if (name == "ids") {
    into.ids = read_ids(field, path);
  } else if (name == "cause") {
    if (!field.is_null()) into.cause = read_number(field, path);
  } else {
    into.more.push_back({std::string{name}, field.compact()});
  }
}

trace_line read_line(const json_value& root) {
  if (!root.is(json_kind::object)) core::detail::wrong_type(json_path{"line"}, "an object", root);
  trace_line line;
  seen_fields seen;
  for (const auto field : root) read_field(field, line, seen);
  const auto need = [](bool there, const char* name) {
    if (!there) core::detail::fail(json_path{name}, "is missing");
  };
  need(seen.at, "at");
  need(seen.step, "step");
  need(!line.from.empty(), "from");
  need(!line.to.empty(), "to");
  need(!line.message.empty(), "message");
  if (line.cause && *line.cause >= line.step)
    core::detail::fail(json_path{"cause"}, "must be an earlier step than " +
                                               std::to_string(line.step) + ", is " +
                                               std::to_string(*line.cause));
  return line;
}

void write_ids(std::string& out, const trace_ids& ids) {
  out += ",\"ids\":{";
  bool first = true;
  for (const auto& [kind, names] : by_kind(ids)) {
    if (names->empty()) continue;
    if (!first) out += ',';
    first = false;
    out.append("\"").append(kind).append("\":");
    if (kind == "pool" && names->size() == 1) {
      core::write_json_string(out, names->front());
      continue;
    }
    out += '[';
    for (std::size_t i = 0; i < names->size(); ++i) {
      if (i > 0) out += ',';
      core::write_json_string(out, (*names)[i]);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace

core::outcome<trace_line> parse_trace_line(std::string_view text) {
  const auto tree = core::parse_json(text);
  if (!tree) return tree.error();
  try {
    return read_line(tree->root());
  } catch (const core::json_fault& fault) {
    return core::contract_violation(printable(fault.path) + ": " + fault.what);
  }
}

std::string to_json(const trace_line& line) {
  std::string out = "{\"at\":" + std::to_string(line.at) + ",\"step\":" + std::to_string(line.step);
  const auto text = [&out](const char* name, const std::string& value) {
    out.append(",\"").append(name).append("\":");
    core::write_json_string(out, value);
  };
  text("from", line.from);
  text("to", line.to);
  text("message", line.message);
  write_ids(out, line.ids);
  out += ",\"cause\":" + (line.cause ? std::to_string(*line.cause) : std::string{"null"});
  for (const auto& field : line.more) {
    out += ',';
    core::write_json_string(out, field.name);
    out.append(":").append(field.json);
  }
  return out + "}";
}

std::vector<std::pair<std::string_view, const std::vector<std::string>*>> by_kind(
    const trace_ids& ids) {
  return {{"run", &ids.run}, {"message", &ids.message}, {"wake", &ids.wake}, {"pool", &ids.pool}};
}

std::string printable(std::string_view text) {
  std::string out;
  const auto escaped = [&out](unsigned char byte) {
    std::array<char, 8> digits{};
    std::snprintf(digits.data(), digits.size(), "\\x%02x", byte);
    out += digits.data();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto bytes = core::utf8_sequence_bytes(text, at);
    // The second block of control characters is U+0080 to U+009F, C2 80 to C2 9F.
    const bool control =
        byte < 0x20 || byte == 0x7F ||
        (bytes == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0);
    if (bytes == 0 || control) {
      for (std::size_t i = 0; i < (bytes == 0 ? 1 : bytes); ++i)
        escaped(static_cast<unsigned char>(text[at + i]));
    } else {
      out.append(text.substr(at, bytes));
    }
    at += bytes == 0 ? 1 : bytes;
  }
  return out;
}

std::string to_text(const trace_ids& ids) {
  std::string out;
  for (const auto& [kind, names] : by_kind(ids)) {
    if (names->empty()) continue;
    if (!out.empty()) out += ' ';
    out.append(kind).append("=");
    for (std::size_t i = 0; i < names->size(); ++i) {
      if (i > 0) out += ',';
      out += printable((*names)[i]);
    }
  }
  return out;
}

std::string seconds_text(std::uint64_t micros) {
  auto fraction = std::to_string(micros % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(micros / 1'000'000) + "." + fraction;
}

std::string to_text(const trace_line& line) {
  const auto ids = to_text(line.ids);
  return "#" + std::to_string(line.step) + " " + seconds_text(line.at) + " " +
         printable(line.from) + " -> " + printable(line.to) + " " + printable(line.message) +
         (ids.empty() ? "" : " " + ids);
}

}  // namespace agentpool::sim
