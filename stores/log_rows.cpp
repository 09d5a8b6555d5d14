#include "stores/log_rows.hpp"

#include <string>
#include <utility>
#include <variant>

#include "agentpool/core/json.hpp"
#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

/// Reads one JSON column, or throws what is wrong with it.
template <class T>
T parsed(std::string_view json, const char* column, const log_place& place) {
  auto value = core::from_json<T>(json);
  if (value) return *std::move(value);
  throw corrupt_row{place, std::string{column} + ": " + value.error().message};
}

}  // namespace

std::string described(const log_place& place) {
  if (place.pool.empty()) return "store";
  std::string text = "pool " + place.pool.text();
  if (place.sequence != 0) text += ", sequence " + std::to_string(place.sequence);
  return text;
}

core::agent_error store_error(const corrupt_row& fault) {
  return core::store_corrupt(described(fault.place) + ": " + fault.what,
                             about_pool(fault.place.pool));
}

std::string_view kind_of(const core::store_payload& payload) noexcept {
  return std::visit([]<class T>(const T&) { return T::type; }, payload);
}

core::entry_ptr entry_of(const core::pool_id& pool, const record_row& row) {
  const log_place place{pool, row.sequence};
  auto entry = std::make_shared<core::log_entry>();
  auto payload = parsed<core::store_payload>(row.payload_json, "payload_json", place);
  if (kind_of(payload) != row.kind)
    throw corrupt_row{place, "the kind column does not say " + std::string{kind_of(payload)} +
                                 " as the payload's type does"};
  entry->what = core::store_record{pool, {row.sequence}, std::move(payload)};
  entry->recorded_at_millis = row.recorded_at_millis;
  if (row.trigger_json)
    entry->triggered_by = parsed<core::trigger>(*row.trigger_json, "trigger_json", place);
  return entry;
}

core::entry_ptr entry_of(const core::pool_id& pool, const host_row& row) {
  const log_place place{pool, row.after_sequence};
  auto entry = std::make_shared<core::log_entry>();
  entry->what = core::host_event{row.number, row.after_sequence,
                                 parsed<core::agent_event>(row.event_json, "event_json", place)};
  entry->recorded_at_millis = row.recorded_at_millis;
  return entry;
}

}  // namespace agentpool::stores
