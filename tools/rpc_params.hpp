#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/journal_records.hpp"
#include "pool_desk.hpp"
#include "serve/json_schema.hpp"

/// What the JSON-RPC methods take and give, for their schemas.
namespace agentpool::tools {

/// Parameters that many methods share, described once; "" for others.
[[nodiscard]] constexpr std::string_view describe_param(std::string_view name) {
  if (name == "session_token")
    return "The run's token, as join_run answered it; the header Agentpool-Session-Token does too";
  if (name == "wait_millis") return "How long to wait for what comes; 0: not at all";
  if (name == "follow") return "false: what there is now; true needs a connection of lines";
  return {};
}

/// A method that takes nothing.
struct no_params {
  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
};

/// A command to one pool.
template <class Command>
struct in_pool {
  core::pool_id pool_id;
  Command command;
  std::optional<std::string> session_token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    Command::fields(self.command, visit);
    visit("session_token", self.session_token);
  }
  static std::string_view describe(std::string_view name) { return describe_param(name); }
};

/// The same for what can wait.
template <class Command>
struct waiting_in_pool {
  in_pool<Command> asked;
  std::optional<std::uint64_t> wait_millis;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    in_pool<Command>::fields(self.asked, visit);
    visit("wait_millis", self.wait_millis);
  }
  static std::string_view describe(std::string_view name) { return describe_param(name); }
};

struct join_params {
  core::pool_member member;
  std::optional<std::string> token;
  std::optional<std::string> on_behalf_of;
  std::optional<core::run_id> spawned_by;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("member", self.member);
    visit("token", self.token);
    visit("on_behalf_of", self.on_behalf_of);
    visit("spawned_by", self.spawned_by);
  }
};

struct events_params {
  std::optional<core::event_filter> filter;
  std::optional<core::event_cursor> cursor;
  std::optional<bool> follow;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("filter", self.filter);
    visit("cursor", self.cursor);
    visit("follow", self.follow);
  }
};

struct records_params {
  std::optional<core::store_cursor> cursor;
  std::optional<bool> follow;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
    visit("follow", self.follow);
  }
};

struct journal_params {
  std::optional<core::run_id> run_id;
  std::optional<std::uint64_t> after;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("after", self.after);
  }
};

struct unsubscribe_params {
  std::string subscription_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("subscription_id", self.subscription_id);
  }
};

/// A body, as one of the two.
struct content_put_params {
  std::optional<std::string> text;
  std::optional<std::string> base64;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("text", self.text);
    visit("base64", self.base64);
  }
};

/// What keeping a body answers.
struct content_receipt {
  core::content_ref content_ref;
  std::uint64_t bytes = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("content_ref", self.content_ref);
    visit("bytes", self.bytes);
  }
};

struct content_get_params {
  core::content_ref content_ref;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("content_ref", self.content_ref);
  }
};

// Results of one list.

struct pool_ids_result {
  std::vector<core::pool_id> pool_ids;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_ids", self.pool_ids, core::presence::always);
  }
};

struct frames_result {
  std::vector<core::event_frame> frames;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("frames", self.frames, core::presence::always);
  }
};

struct records_result {
  std::vector<core::store_record> records;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("records", self.records, core::presence::always);
  }
};

struct journal_result {
  std::vector<core::journal_record> records;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("records", self.records, core::presence::always);
  }
};

/// Schemas of what is taken and of what is given.
template <class T>
[[nodiscard]] std::string taken() {
  return json_schema<T>(schema_of::request);
}
template <class T>
[[nodiscard]] std::string given() {
  return json_schema<T>(schema_of::answer);
}

}  // namespace agentpool::tools
