#include "agentpool/core/filter.hpp"

#include <algorithm>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json.hpp"

namespace agentpool::core {

namespace {

template <class T>
bool allows(const set_of<T>& set, const T& value) {
  return !set.include ||
         std::find(set.include->begin(), set.include->end(), value) != set.include->end();
}

template <class T>
bool allows(const set_of<T>& set, const std::optional<T>& value) {
  return !set.include || (value && allows(set, *value));
}

/// The set contains the member `part` of any of `values`.
template <class T, class Value>
bool allows_any(const set_of<T>& set, const std::vector<Value>& values, T Value::*part) {
  return !set.include || std::any_of(values.begin(), values.end(),
                                     [&](const Value& value) { return allows(set, value.*part); });
}

template <class T>
bool allows_any(const set_of<T>& set, const std::vector<T>& values) {
  return !set.include || std::any_of(values.begin(), values.end(),
                                     [&](const T& value) { return allows(set, value); });
}

event_filter_id filter_id_of(const event_filter_fingerprint& print) {
  return event_filter_id{"filter." + sha256_hex(print.text())};
}

}  // namespace

event_filter_fingerprint fingerprint(const event_filter& filter) {
  return event_filter_fingerprint{"sha256:" + sha256_hex(to_json(filter))};
}

compiled_event_filter compile(const event_filter& filter) {
  compiled_event_filter compiled;
  compiled.filter_fingerprint = fingerprint(filter);
  compiled.filter_id = filter_id_of(compiled.filter_fingerprint);
  compiled.payload_access = filter.payload_access;
  compiled.queue = filter.queue;
  compiled.criteria = filter;
  const auto index = [&](const auto& set, event_index_field field) {
    if (set.include) compiled.indexed_fields.push_back(field);
  };
  index(filter.run_ids, event_index_field::run);
  index(filter.session_ids, event_index_field::session);
  index(filter.agent_ids, event_index_field::agent);
  index(filter.turn_ids, event_index_field::turn);
  index(filter.families, event_index_field::event_family);
  index(filter.kinds, event_index_field::event_kind);
  index(filter.source_kinds, event_index_field::source);
  index(filter.destination_kinds, event_index_field::destination);
  index(filter.subject_kinds, event_index_field::subject_kind);
  index(filter.related_entity_kinds, event_index_field::related_entity_kind);
  index(filter.correlation_keys, event_index_field::correlation);
  index(filter.tags, event_index_field::tag);
  index(filter.privacy_classes, event_index_field::privacy);
  index(filter.delivery_semantics, event_index_field::delivery_semantics);
  return compiled;
}

filter_scope scope_of(const event_filter& filter) {
  auto print = fingerprint(filter);
  auto id = filter_id_of(print);
  return {std::move(id), std::move(print)};
}

bool may_match(const event_filter& filter, const run_id& run, event_kind kind,
               event_family family) {
  return allows_kind(filter, kind) && allows(filter.families, family) &&
         allows(filter.run_ids, run);
}

bool allows_kind(const event_filter& filter, event_kind kind) {
  return (!filter.terminal_only || is_terminal(kind)) && allows(filter.kinds, kind);
}

bool matches(const event_filter& filter, const event_envelope& event) {
  const auto destination_allowed = [&] {
    if (!filter.destination_kinds.include) return true;
    return event.destination && allows(filter.destination_kinds, event.destination->kind);
  };
  return (!filter.terminal_only || is_terminal(event.event_kind)) &&
         allows(filter.kinds, event.event_kind) && allows(filter.families, event.event_family) &&
         allows(filter.run_ids, event.run_id) && allows(filter.agent_ids, event.agent_id) &&
         allows(filter.session_ids, event.session_id) && allows(filter.turn_ids, event.turn_id) &&
         allows(filter.source_kinds, event.source.kind) && destination_allowed() &&
         allows(filter.subject_kinds, event.subject_ref.kind) &&
         allows(filter.privacy_classes, event.privacy) &&
         allows(filter.delivery_semantics, event.delivery_semantics) &&
         allows_any(filter.related_entity_kinds, event.related_refs, &entity_ref::kind) &&
         allows_any(filter.correlation_keys, event.correlation.entries, &correlation_entry::key) &&
         allows_any(filter.tags, event.tags);
}

}  // namespace agentpool::core
