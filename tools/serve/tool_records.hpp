#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"

/// What the tools of the MCP server take and give. The descriptions are for models that have never
/// seen the engine.
namespace agentpool::tools {

/// Fields that many tools share, described once.
[[nodiscard]] std::string_view describe_field(std::string_view name);

struct join_input {
  core::pool_id pool_id;
  std::optional<core::run_id> run_id;
  std::optional<core::agent_id> agent_id;
  std::vector<core::topic_id> topics;
  std::optional<std::string> on_behalf_of;
  std::optional<core::run_id> spawned_by;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("agent_id", self.agent_id);
    visit("topics", self.topics);
    visit("on_behalf_of", self.on_behalf_of);
    visit("spawned_by", self.spawned_by);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name);
};

struct join_output {
  core::pool_id pool_id;
  core::run_id run_id;
  core::agent_id agent_id;
  std::string session_token;
  bool resumed = false;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("agent_id", self.agent_id);
    visit("session_token", self.session_token);
    visit("resumed", self.resumed, core::presence::always);
  }
  static std::string_view describe(std::string_view name);
};

/// A pool and the run that the caller acts as.
struct acting_input {
  core::pool_id pool_id;
  core::run_id run_id;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name) { return describe_field(name); }
};

struct leave_output {
  core::run_id run_id;
  std::uint64_t sequence = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("sequence", self.sequence);
  }
};

struct members_input {
  core::pool_id pool_id;
  std::optional<core::run_id> after;
  std::uint64_t limit = 100;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("after", self.after);
    visit("limit", self.limit, core::presence::defaulted);
  }
  static std::string_view describe(std::string_view name);
};

struct members_output {
  std::vector<core::pool_member> members;
  std::uint64_t total = 0;
  std::optional<core::run_id> next;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("members", self.members, core::presence::always);
    visit("total", self.total);
    visit("next", self.next);
  }
  static std::string_view describe(std::string_view name);
};

/// Whom a message is for: one of these.
struct send_target {
  std::optional<core::run_id> run;
  std::optional<core::agent_id> agent;
  std::optional<core::topic_id> topic;
  std::optional<core::pool_id> pool;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run", self.run);
    visit("agent", self.agent);
    visit("topic", self.topic);
    visit("pool", self.pool);
  }
  static std::string_view describe(std::string_view name);
};

struct send_input {
  core::pool_id pool_id;
  core::run_id run_id;
  send_target to;
  std::optional<std::string> text;
  std::optional<core::content_ref> content_ref;
  std::optional<std::uint32_t> replies_wanted;
  std::optional<std::uint64_t> reply_timeout_seconds;
  std::optional<core::idempotency_key> idempotency_key;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("to", self.to);
    visit("text", self.text);
    visit("content_ref", self.content_ref);
    visit("replies_wanted", self.replies_wanted);
    visit("reply_timeout_seconds", self.reply_timeout_seconds);
    visit("idempotency_key", self.idempotency_key);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name);
};

struct send_output {
  core::message_id message_id;
  core::message_status status{};
  std::vector<core::run_id> delivered_to;
  core::content_ref content_ref;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
    visit("status", self.status);
    visit("delivered_to", self.delivered_to, core::presence::always);
    visit("content_ref", self.content_ref);
  }
  static std::string_view describe(std::string_view name);
};

struct reply_input {
  core::pool_id pool_id;
  core::run_id run_id;
  core::message_id message_id;
  std::optional<std::string> text;
  std::optional<core::content_ref> content_ref;
  std::optional<core::idempotency_key> idempotency_key;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("message_id", self.message_id);
    visit("text", self.text);
    visit("content_ref", self.content_ref);
    visit("idempotency_key", self.idempotency_key);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name);
};

struct inbox_input {
  core::pool_id pool_id;
  core::run_id run_id;
  std::optional<std::uint64_t> after;
  std::uint64_t max = 20;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("after", self.after);
    visit("max", self.max, core::presence::defaulted);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name);
};

/// A message as a model reads it.
struct message_told {
  std::uint64_t sequence = 0;
  core::message_id message_id;
  core::run_id from;
  core::content_ref content_ref;
  std::optional<std::string> text;
  std::optional<core::message_id> reply_to;
  bool reply_wanted = false;
  std::optional<std::string> sender;
  std::optional<std::string> on_behalf_of;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("sequence", self.sequence);
    visit("message_id", self.message_id);
    visit("from", self.from);
    visit("content_ref", self.content_ref);
    visit("text", self.text);
    visit("reply_to", self.reply_to);
    visit("reply_wanted", self.reply_wanted);
    visit("sender", self.sender);
    visit("on_behalf_of", self.on_behalf_of);
  }
  static std::string_view describe(std::string_view name);
};

struct inbox_output {
  std::vector<message_told> messages;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("messages", self.messages, core::presence::always);
  }
};

struct ack_input {
  core::pool_id pool_id;
  core::run_id run_id;
  std::uint64_t sequence = 0;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("sequence", self.sequence);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name);
};

}  // namespace agentpool::tools
