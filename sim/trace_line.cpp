#include "agentpool/sim/trace_line.hpp"

#include <algorithm>
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

/// One value, or a list of texts.
trace_fact read_fact(const json_value& value, const json_path& path) {
  trace_fact fact{std::string{value.key()}, {}, trace_fact::form::text};
  switch (value.kind()) {
    case json_kind::string: fact.values.emplace_back(value.text()); return fact;
    case json_kind::number:
    case json_kind::boolean:
      fact.values.push_back(value.compact());
      fact.written = trace_fact::form::literal;
      return fact;
    case json_kind::list:
      fact.written = trace_fact::form::list;
      for (const auto element : value)
        fact.values.push_back(read_text(element, path.below(fact.values.size())));
      return fact;
    case json_kind::null:
    case json_kind::object: break;
  }
  core::detail::wrong_type(path, "a text, a number or a list of texts", value);
}

std::vector<trace_fact> read_ids(const json_value& value, const json_path& path) {
  if (value.is_null()) return {};
  if (!value.is(json_kind::object)) core::detail::wrong_type(path, "an object", value);
  std::vector<trace_fact> ids;
  for (const auto field : value) ids.push_back(read_fact(field, path.below(field.key())));
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
  } else if (name == "name") {
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
  need(!line.message.empty(), "name");
  need(line.is_note() || !line.to.empty(), "to");
  if (line.cause && (line.is_note() ? *line.cause > line.step : *line.cause >= line.step))
    core::detail::fail(json_path{"cause"}, "must be an earlier step than " +
                                               std::to_string(line.step) + ", is " +
                                               std::to_string(*line.cause));
  return line;
}

void write_fact(std::string& out, const trace_fact& fact) {
  core::write_json_string(out, fact.name);
  out += ':';
  switch (fact.written) {
    case trace_fact::form::text: return core::write_json_string(out, fact.values.at(0));
    case trace_fact::form::literal: out += fact.values.at(0); return;
    case trace_fact::form::list: break;
  }
  out += '[';
  for (std::size_t i = 0; i < fact.values.size(); ++i) {
    if (i > 0) out += ',';
    core::write_json_string(out, fact.values[i]);
  }
  out += ']';
}

}  // namespace

const std::vector<std::string>& trace_line::values(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto same = [name](const trace_fact& fact) { return fact.name == name; };
  const auto found = std::find_if(ids.begin(), ids.end(), same);
  return found == ids.end() ? none : found->values;
}

bool trace_line::is_called(std::string_view name) const {
  if (is_like(message, name)) return true;
  for (const auto* carried : {"ask", "answer"})
    for (const auto& value : values(carried))
      if (is_like(value, name)) return true;
  return false;
}

core::outcome<trace_line> parse_trace_line(std::string_view text) {
  const auto tree = core::parse_json(text);
  if (!tree) return tree.error();
  try {
    return read_line(tree->root());
  } catch (const core::json_fault& fault) {
    return core::contract_violation(printable(fault.path) + ": " + fault.what);
  }
}

core::outcome<bool> is_trace_heading(std::string_view text) {
  const auto tree = core::parse_json(text);
  if (!tree || !tree->root().find("trace")) return false;
  const auto version = tree->root().find("version");
  if (version && version->compact() == "1") return true;
  return core::contract_violation("version: must be 1, the one that this program knows");
}

std::string to_json(const trace_line& line) {
  std::string out = "{\"at\":" + std::to_string(line.at) + ",\"step\":" + std::to_string(line.step);
  const auto text = [&out](const char* name, const std::string& value) {
    if (value.empty()) return;
    out.append(",\"").append(name).append("\":");
    core::write_json_string(out, value);
  };
  text("from", line.from);
  text("to", line.to);
  text("name", line.message);
  if (line.cause) out += ",\"cause\":" + std::to_string(*line.cause);
  for (std::size_t i = 0; i < line.ids.size(); ++i) {
    out += i == 0 ? ",\"ids\":{" : ",";
    write_fact(out, line.ids[i]);
  }
  if (!line.ids.empty()) out += '}';
  for (const auto& field : line.more) {
    out += ',';
    core::write_json_string(out, field.name);
    out.append(":").append(field.json);
  }
  return out + "}";
}

actor_name split_actor(std::string_view actor) noexcept {
  actor_name name{{}, actor, {}};
  const auto slash = actor.find('/');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
  };
  const bool named = slash != std::string_view::npos && slash > 0 &&
                     std::string_view{"enp"}.find(actor.front()) != std::string_view::npos;
  if (named && is_number(actor.substr(1, slash - 1))) {
    name.engine = actor.substr(0, slash + 1);
    name.role = actor.substr(slash + 1);
  }
  const auto colon = name.role.find(':');
  if (colon == std::string_view::npos) return name;
  name.id = name.role.substr(colon + 1);
  name.role = name.role.substr(0, colon);
  return name;
}

bool is_like(std::string_view text, std::string_view pattern) noexcept {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  auto star = std::string_view::npos;
  std::size_t retried = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      retried = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++retried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
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

std::string to_text(const std::vector<trace_fact>& ids) {
  std::string out;
  for (const auto& fact : ids) {
    if (!out.empty()) out += ' ';
    out += printable(fact.name) + "=";
    for (std::size_t i = 0; i < fact.values.size(); ++i) {
      if (i > 0) out += ',';
      out += printable(fact.values[i]);
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
  auto out = "#" + std::to_string(line.step) + " " + seconds_text(line.at) + " ";
  if (!line.from.empty()) out += printable(line.from) + " -> ";
  if (!line.to.empty()) out += printable(line.to) + " ";
  out += printable(line.message);
  const auto ids = to_text(line.ids);
  return ids.empty() ? out : out + " " + ids;
}

}  // namespace agentpool::sim
