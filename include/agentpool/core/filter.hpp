#pragma once

#include <string>
#include <string_view>

#include "agentpool/core/event_records.hpp"

/// Filters: compiling and matching.
namespace agentpool::core {

/// "sha256:" and the hex SHA-256 of the filter's compact JSON in field order.
[[nodiscard]] event_filter_fingerprint fingerprint(const event_filter& filter);

/// The filter with its fingerprint, its id ("filter." and the hex SHA-256 of the fingerprint
/// string) and the constrained fields in the order of `event_index_field`.
[[nodiscard]] compiled_event_filter compile(const event_filter& filter);

/// The scope of cursors in the stream that this filter makes up.
[[nodiscard]] filter_scope scope_of(const event_filter& filter);

/// False when the run, the kind or the family alone rule an event out.
[[nodiscard]] bool may_match(const event_filter& filter, const run_id& run, event_kind kind,
                             event_family family);

/// False when the kind alone rules an event out.
[[nodiscard]] bool allows_kind(const event_filter& filter, event_kind kind);

/// True when every set field contains the event's value (for related entity kinds, correlation
/// keys and tags: any of the event's). An include-set on an absent optional field does not match.
[[nodiscard]] bool matches(const event_filter& filter, const event_envelope& event);

}  // namespace agentpool::core
