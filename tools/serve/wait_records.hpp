#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/event_enums.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"
#include "tool_records.hpp"

/// What the tools take and give that wait, look, and keep bodies.
namespace agentpool::tools {

/// What to wait for: exactly one of a message, the end of a run, and events.
struct wait_target {
  bool message = false;
  std::optional<core::run_id> run_end;
  std::vector<core::event_family> families;
  std::vector<core::event_kind> kinds;
  std::vector<core::run_id> runs;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message", self.message, core::presence::defaulted);
    visit("run_end", self.run_end);
    visit("families", self.families);
    visit("kinds", self.kinds);
    visit("runs", self.runs);
  }
  static std::string_view describe(std::string_view name);
};

struct wait_input {
  core::pool_id pool_id;
  core::run_id run_id;
  std::optional<wait_target> wait_for;
  std::uint64_t timeout_seconds = 300;
  std::optional<std::string> cursor;
  std::optional<std::uint64_t> after;
  std::optional<core::idempotency_key> idempotency_key;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("for", self.wait_for);
    visit("timeout_seconds", self.timeout_seconds, core::presence::defaulted);
    visit("cursor", self.cursor);
    visit("after", self.after);
    visit("idempotency_key", self.idempotency_key);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name);
};

/// How far a wait is.
enum class wait_status : std::uint8_t { woken, timed_out, cancelled, waiting };

struct wait_output {
  wait_status status{};
  std::vector<message_told> messages = {};
  std::optional<core::wake_condition_id> condition_id = {};
  std::optional<core::event_id> event_id = {};
  std::optional<std::string> event = {};
  std::optional<core::run_id> event_run = {};
  std::optional<std::string> cursor = {};

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("status", self.status);
    visit("messages", self.messages);
    visit("condition_id", self.condition_id);
    visit("event_id", self.event_id);
    visit("event", self.event);
    visit("event_run", self.event_run);
    visit("cursor", self.cursor);
  }
  static std::string_view describe(std::string_view name);
};

struct watch_input {
  core::pool_id pool_id;
  std::optional<std::string> after;
  std::uint64_t max = 50;
  std::vector<core::run_id> runs;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("after", self.after);
    visit("max", self.max, core::presence::defaulted);
    visit("runs", self.runs);
  }
  static std::string_view describe(std::string_view name);
};

/// An event as a model reads it.
struct event_told {
  std::string place;
  std::string at;
  std::string kind;
  core::run_id run_id;
  std::string subject;
  std::optional<std::string> summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("place", self.place);
    visit("at", self.at);
    visit("kind", self.kind);
    visit("run_id", self.run_id);
    visit("subject", self.subject);
    visit("summary", self.summary);
  }
};

struct watch_output {
  std::vector<event_told> events;
  std::optional<std::string> next;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("events", self.events, core::presence::always);
    visit("next", self.next);
  }
  static std::string_view describe(std::string_view name);
};

struct pool_input {
  core::pool_id pool_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
  }
  static std::string_view describe(std::string_view name) { return describe_field(name); }
};

struct why_input {
  core::pool_id pool_id;
  std::optional<core::run_id> run_id;
  std::optional<core::wake_condition_id> condition_id;
  std::optional<core::message_id> message_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("condition_id", self.condition_id);
    visit("message_id", self.message_id);
  }
  static std::string_view describe(std::string_view name);
};

struct why_output {
  std::vector<std::string> because;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("because", self.because, core::presence::always);
  }
  static std::string_view describe(std::string_view name);
};

struct content_put_input {
  std::optional<std::string> text;
  std::optional<std::string> base64;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("text", self.text);
    visit("base64", self.base64);
  }
  static std::string_view describe(std::string_view name);
};

struct content_put_output {
  core::content_ref content_ref;
  std::uint64_t bytes = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("content_ref", self.content_ref);
    visit("bytes", self.bytes);
  }
};

struct content_get_input {
  core::content_ref content_ref;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("content_ref", self.content_ref);
  }
  static std::string_view describe(std::string_view name) { return describe_field(name); }
};

struct content_get_output {
  std::optional<std::string> text;
  std::optional<std::string> base64;
  std::uint64_t bytes = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("text", self.text);
    visit("base64", self.base64);
    visit("bytes", self.bytes);
  }
  static std::string_view describe(std::string_view name);
};

}  // namespace agentpool::tools

template <>
struct agentpool::core::enum_text<agentpool::tools::wait_status> {
  static constexpr std::string_view type = "WaitStatus";
  static constexpr std::array<std::string_view, 4> values{"woken", "timed_out", "cancelled",
                                                          "waiting"};
};
