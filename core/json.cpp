#include "agentpool/core/json.hpp"

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/json_fields.hpp"

namespace agentpool::core {

namespace {

constexpr char hex[] = "0123456789abcdef";

/// The two-character escape of `c`, or 0 when it has none.
constexpr char short_escape(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

}  // namespace

void write_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char escape = short_escape(c);
    if (escape == 0 && static_cast<unsigned char>(c) >= 0x20) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out += '\\';
    if (escape != 0) {
      out += escape;
      continue;
    }
    out += "u00";
    out += hex[static_cast<unsigned char>(c) >> 4];
    out += hex[static_cast<unsigned char>(c) & 15];
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

std::string json_path::text() const {
  std::string above = parent_ == nullptr ? std::string{} : parent_->text();
  if (is_element_) return above + '[' + std::to_string(index_) + ']';
  if (!above.empty() && !name_.empty()) above += '.';
  return above.append(name_);
}

namespace detail {

const char* described(json_kind kind) {
  switch (kind) {
    case json_kind::null: return "null";
    case json_kind::boolean: return "a boolean";
    case json_kind::number: return "a number";
    case json_kind::string: return "a string";
    case json_kind::list: return "a list";
    case json_kind::object: return "an object";
  }
  return "something else";
}

void wrong_type(const json_path& path, const char* wanted, const json_value& got) {
  fail(path, std::string{"must be "} + wanted + ", not " + described(got.kind()));
}

void fail(const json_path& path, std::string what) {
  throw json_fault{path.text(), std::move(what)};
}

std::string_view text_of(const json_value& tree, const json_path& path) {
  if (!tree.is(json_kind::string)) wrong_type(path, "a string", tree);
  return tree.text();
}

}  // namespace detail

void json_writer::write_value(std::string& out, const event_stream_scope& scope) {
  if (std::holds_alternative<whole_scope>(scope)) {
    out += "\"all\"";
    return;
  }
  json_writer fields{out};
  out += '{';
  if (const auto* of_run = std::get_if<run_scope>(&scope)) fields("run", of_run->run);
  if (const auto* of_agent = std::get_if<agent_scope>(&scope)) fields("agent", of_agent->agent);
  if (const auto* of_filter = std::get_if<filter_scope>(&scope)) fields("filter", *of_filter);
  out += '}';
}

void json_reader::read(const json_value& tree, event_stream_scope& into,
                       const json_path& path) const {
  if (tree.is(json_kind::string) && tree.text() == "all") {
    into = whole_scope{};
    return;
  }
  if (const auto run = tree.find("run"))
    return read(*run, into.emplace<run_scope>().run, path.below("run"));
  if (const auto agent = tree.find("agent"))
    return read(*agent, into.emplace<agent_scope>().agent, path.below("agent"));
  if (const auto filter = tree.find("filter"))
    return read(*filter, into.emplace<filter_scope>(), path.below("filter"));
  detail::fail(path, "must be \"all\" or an object with run, agent or filter");
}

void json_reader::read(const json_value& tree, run_address& into, const json_path& path) const {
  read_record(tree, into, path);
  if (how == reading::strict) return;
  const run_address usual = address_of(into.target);
  if (!tree.find("destination_ref")) into.destination_ref = usual.destination_ref;
  if (!tree.find("related_refs")) into.related_refs = usual.related_refs;
}

void check_record(const queue_config& read, const json_path& path) {
  if (read.capacity == 0) detail::fail(path.below("capacity"), "must be at least 1");
  if (read.terminal_reserve == 0)
    detail::fail(path.below("terminal_reserve"), "must be at least 1");
}

template <class T>
void write_json(std::string& out, const T& value) {
  json_writer::write_value(out, value);
}

template <class T>
outcome<T> from_json(std::string_view text, reading how, std::string_view path) {
  auto tree = parse_json(text);
  if (!tree) return tree.error();
  return read_json<T>(tree->root(), how, path);
}

// The types that json.hpp offers.
template void write_json(std::string&, const entity_ref&);
template outcome<entity_ref> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const source_ref&);
template outcome<source_ref> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const destination_ref&);
template outcome<destination_ref> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const policy_ref&);
template outcome<policy_ref> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const correlation_entry&);
template outcome<correlation_entry> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const causal_ref&);
template outcome<causal_ref> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_correlation&);
template outcome<event_correlation> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const pool_member&);
template outcome<pool_member> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const run_address&);
template outcome<run_address> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const run_message&);
template outcome<run_message> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const message_receipt&);
template outcome<message_receipt> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const wake_condition&);
template outcome<wake_condition> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const wake_registration&);
template outcome<wake_registration> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const pool_config&);
template outcome<pool_config> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const store_cursor&);
template outcome<store_cursor> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const stored_message&);
template outcome<stored_message> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const stored_wake&);
template outcome<stored_wake> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const store_payload&);
template outcome<store_payload> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const store_record&);
template outcome<store_record> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const pool_snapshot&);
template outcome<pool_snapshot> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_filter&);
template outcome<event_filter> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const compiled_event_filter&);
template outcome<compiled_event_filter> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_stream_scope&);
template outcome<event_stream_scope> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_cursor&);
template outcome<event_cursor> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_payload&);
template outcome<event_payload> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const agent_event&);
template outcome<agent_event> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_frame&);
template outcome<event_frame> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_envelope&);
template outcome<event_envelope> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const journal_payload&);
template outcome<journal_payload> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const journal_record&);
template outcome<journal_record> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const event_index_projection&);
template outcome<event_index_projection> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const agent_error&);
template void write_json(std::string&, const trigger&);
template outcome<trigger> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const host_event&);
template outcome<host_event> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const wake_notice&);
template outcome<wake_notice> from_json(std::string_view, reading, std::string_view);
template void write_json(std::string&, const inbox_entry&);
template outcome<inbox_entry> from_json(std::string_view, reading, std::string_view);

}  // namespace agentpool::core
