#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/refs.hpp"

/// Members, messages and wake conditions.
namespace agentpool::core {

/// A run in a pool.
struct pool_member {
  core::run_id run_id;
  core::agent_id agent_id;
  std::vector<policy_ref> policy_refs;
  std::vector<topic_id> topics;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("agent_id", self.agent_id);
    visit("policy_refs", self.policy_refs);
    visit("topics", self.topics);
  }
  friend bool operator==(const pool_member&, const pool_member&) = default;
};

/// What a pool asks of messages.
struct message_policy {
  std::vector<policy_ref> required_policy_refs;
  bool include_sender_in_pool_broadcast = false;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("required_policy_refs", self.required_policy_refs);
    visit("include_sender_in_pool_broadcast", self.include_sender_in_pool_broadcast,
          presence::defaulted);
  }
  friend bool operator==(const message_policy&, const message_policy&) = default;
};

/// What a pool grants to woken runs.
struct wake_policy {
  bool envelope_only = true;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("envelope_only", self.envelope_only, presence::defaulted);
  }
  friend bool operator==(const wake_policy&, const wake_policy&) = default;
};

/// The one member with that run id.
struct to_run {
  static constexpr std::string_view type = "run";

  core::run_id run_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
  }
  friend bool operator==(const to_run&, const to_run&) = default;
};

/// Every member with that agent id.
struct to_agent {
  static constexpr std::string_view type = "agent";

  core::agent_id agent_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("agent_id", self.agent_id);
  }
  friend bool operator==(const to_agent&, const to_agent&) = default;
};

/// Every member that lists the topic.
struct to_topic {
  static constexpr std::string_view type = "topic";

  core::topic_id topic_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("topic_id", self.topic_id);
  }
  friend bool operator==(const to_topic&, const to_topic&) = default;
};

/// Every member of the pool but the sender.
struct to_pool {
  static constexpr std::string_view type = "pool";

  core::pool_id pool_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
  }
  friend bool operator==(const to_pool&, const to_pool&) = default;
};

/// Whom a message is for; tagged by `type`.
using run_address_target = std::variant<to_run, to_agent, to_topic, to_pool>;

/// Whom a message is for.
struct run_address {
  run_address_target target;
  core::destination_ref destination_ref;
  std::vector<entity_ref> related_refs;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("target", self.target);
    visit("destination_ref", self.destination_ref, presence::defaulted);
    visit("related_refs", self.related_refs);
  }
  friend bool operator==(const run_address&, const run_address&) = default;
};

/// How many replies a message waits for, and how long (milliseconds after delivery).
struct response_contract {
  std::uint32_t expected_responses = 0;
  std::optional<std::uint64_t> timeout_millis;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("expected_responses", self.expected_responses);
    visit("timeout_millis", self.timeout_millis);
  }
  friend bool operator==(const response_contract&, const response_contract&) = default;
};

/// A message between runs. The body is elsewhere; `content_ref` names it.
struct run_message {
  core::message_id message_id;
  run_id from;
  run_address to;
  core::content_ref content_ref;
  event_correlation correlation;
  std::optional<core::message_id> reply_to;
  std::optional<core::response_contract> response_contract;
  std::optional<std::uint64_t> expires_at_millis;
  core::idempotency_key idempotency_key;
  std::vector<policy_ref> policy_refs;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
    visit("from", self.from);
    visit("to", self.to);
    visit("content_ref", self.content_ref);
    visit("correlation", self.correlation, presence::defaulted);
    visit("reply_to", self.reply_to);
    visit("response_contract", self.response_contract);
    visit("expires_at_millis", self.expires_at_millis);
    visit("idempotency_key", self.idempotency_key);
    visit("policy_refs", self.policy_refs);
  }
  friend bool operator==(const run_message&, const run_message&) = default;
};

/// What became of a message.
struct message_receipt {
  core::message_id message_id;
  message_status status{};
  std::vector<run_id> delivered_to;
  std::optional<core::journal_cursor> journal_cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
    visit("status", self.status);
    visit("delivered_to", self.delivered_to);
    visit("journal_cursor", self.journal_cursor);
  }
  friend bool operator==(const message_receipt&, const message_receipt&) = default;
};

/// What a run waits for, and how long (milliseconds after registration).
struct wake_condition {
  wake_condition_id condition_id;
  core::run_id run_id;
  event_filter filter;
  std::optional<std::uint64_t> timeout_millis;
  resume_input_policy resume_with{};
  core::idempotency_key idempotency_key;
  std::vector<policy_ref> policy_refs;
  std::optional<event_cursor> after_cursor;  ///< Extension: match only events after it.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
    visit("run_id", self.run_id);
    visit("filter", self.filter);
    visit("timeout_millis", self.timeout_millis);
    visit("resume_with", self.resume_with);
    visit("idempotency_key", self.idempotency_key);
    visit("policy_refs", self.policy_refs);
    visit("after_cursor", self.after_cursor);
  }
  friend bool operator==(const wake_condition&, const wake_condition&) = default;
};

/// What became of a wake condition.
struct wake_registration {
  wake_condition_id condition_id;
  core::run_id run_id;
  wake_registration_status status{};
  std::optional<core::journal_cursor> journal_cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
    visit("run_id", self.run_id);
    visit("status", self.status);
    visit("journal_cursor", self.journal_cursor);
  }
  friend bool operator==(const wake_registration&, const wake_registration&) = default;
};

/// How a pool was opened. It never changes afterwards.
struct pool_config {
  core::message_policy message_policy;
  core::wake_policy wake_policy;
  std::vector<policy_ref> policy_refs;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_policy", self.message_policy, presence::defaulted);
    visit("wake_policy", self.wake_policy, presence::defaulted);
    visit("policy_refs", self.policy_refs);
  }
  friend bool operator==(const pool_config&, const pool_config&) = default;
};

}  // namespace agentpool::core
