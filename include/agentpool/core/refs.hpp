#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/record.hpp"

/// References: how records point at runs, agents, sources, destinations and policies.
namespace agentpool::core {

/// One key and value by which a host ties events together.
struct correlation_entry {
  correlation_key key;
  correlation_value value;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("key", self.key);
    visit("value", self.value);
  }
  friend bool operator==(const correlation_entry&, const correlation_entry&) = default;
};

/// The correlation entries of an event or message.
struct event_correlation {
  std::vector<correlation_entry> entries;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("entries", self.entries);
  }
  friend bool operator==(const event_correlation&, const event_correlation&) = default;
};

/// Where an event or record came from.
struct source_ref {
  source_kind kind{};
  source_id id;
  trust_class trust{};
  privacy_class privacy{};
  std::vector<correlation_entry> correlation;
  std::optional<std::string> redacted_summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("id", self.id);
    visit("trust", self.trust);
    visit("privacy", self.privacy);
    visit("correlation", self.correlation);
    visit("redacted_summary", self.redacted_summary);
  }
  friend bool operator==(const source_ref&, const source_ref&) = default;
};

/// Points at something by kind and id.
struct entity_ref {
  entity_kind kind{};
  entity_id id;
  std::optional<source_ref> source;
  privacy_class privacy{};
  std::optional<std::string> redacted_summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("id", self.id);
    visit("source", self.source);
    visit("privacy", self.privacy);
    visit("redacted_summary", self.redacted_summary);
  }
  friend bool operator==(const entity_ref&, const entity_ref&) = default;
};

/// Where a message, event or record goes.
struct destination_ref {
  destination_kind kind{};
  destination_id id;
  privacy_class privacy{};
  retention_class retention{};
  std::vector<correlation_entry> correlation;
  std::optional<std::string> redacted_summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("id", self.id);
    visit("privacy", self.privacy);
    visit("retention", self.retention);
    visit("correlation", self.correlation);
    visit("redacted_summary", self.redacted_summary);
  }
  friend bool operator==(const destination_ref&, const destination_ref&) = default;
};

/// A permission label.
struct policy_ref {
  policy_kind kind{};
  policy_id id;
  std::optional<std::string> version;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("id", self.id);
    visit("version", self.version);
  }
  friend bool operator==(const policy_ref&, const policy_ref&) = default;
};

/// What caused an event.
struct causal_ref {
  std::optional<core::event_id> event_id;
  entity_ref subject_ref;
  std::optional<std::string> reason;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("event_id", self.event_id);
    visit("subject_ref", self.subject_ref);
    visit("reason", self.reason);
  }
  friend bool operator==(const causal_ref&, const causal_ref&) = default;
};

}  // namespace agentpool::core
