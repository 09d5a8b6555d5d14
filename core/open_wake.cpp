#include "open_wake.hpp"

#include <utility>

#include "packed_fields.hpp"

namespace agentpool::core {

namespace {

/// A recorded filter is mostly the caller's but for these fields, which alone are kept then.
event_filter own_fields(const event_filter& recorded) {
  event_filter own;
  own.run_ids = recorded.run_ids;
  own.payload_access = recorded.payload_access;
  return own;
}

event_filter with_own_fields(event_filter asked, event_filter own) {
  asked.run_ids = std::move(own.run_ids);
  asked.payload_access = own.payload_access;
  return asked;
}

}  // namespace

instant due_at(std::uint64_t since_millis, std::uint64_t timeout_millis) {
  constexpr auto last = static_cast<std::uint64_t>(instant::max().time_since_epoch().count());
  return from_millis(timeout_millis > last - since_millis ? last : since_millis + timeout_millis);
}

open_wake::open_wake(const log_entry& registered)
    : sequence_{registered.record()->cursor.sequence} {
  auto rest = *std::get<wake_recorded>(registered.record()->payload).stored;
  filter_ = std::exchange(rest.condition.filter, {});
  if (rest.condition.timeout_millis)
    due_ = due_at(registered.recorded_at_millis, *rest.condition.timeout_millis);
  auto& criteria = rest.compiled_filter.criteria;
  auto own = own_fields(criteria);
  const bool alike = criteria == with_own_fields(filter_, own);
  if (alike) criteria = std::move(own);
  std::string bytes;
  field_packer pack{bytes};
  pack.put(rest);
  pack.put(alike);
  pack.put(registered.recorded_at_millis);
  packed_ = std::string{bytes.data(), bytes.size()};  // no more room than it needs
}

// The first fields of all.
std::string_view open_wake::id() const { return packed_reader{packed_}.text(); }

std::string_view open_wake::run() const {
  packed_reader in{packed_};
  static_cast<void>(in.text());
  return in.text();
}

log_entry open_wake::unpacked() const {
  wake_recorded recorded;
  auto& stored = *recorded.stored;
  log_entry entry;
  bool alike = false;
  field_unpacker unpack{packed_};
  unpack.get(stored);
  unpack.get(alike);
  unpack.get(entry.recorded_at_millis);
  stored.condition.filter = filter_;
  auto& criteria = stored.compiled_filter.criteria;
  if (alike) criteria = with_own_fields(filter_, std::move(criteria));
  entry.what = store_record{{}, {sequence_}, std::move(recorded)};
  return entry;
}

wake_recorded open_wake::recorded() const {
  auto entry = unpacked();
  return std::get<wake_recorded>(std::move(std::get<store_record>(entry.what).payload));
}

entry_ptr open_wake::entry(const pool_id& pool) const {
  auto entry = std::make_shared<log_entry>(unpacked());
  std::get<store_record>(entry->what).pool_id = pool;
  return entry;
}

}  // namespace agentpool::core
