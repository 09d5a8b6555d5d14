#include "cloud_event.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "agentpool/core/filter.hpp"
#include "agentpool/core/json.hpp"
#include "agentpool/core/json_tree.hpp"
#include "http_message.hpp"

namespace agentpool::tools {

namespace {

void field(std::string& out, std::string_view name, std::string_view value) {
  if (out.size() > 1) out += ',';
  core::write_json_string(out, name);
  out += ':';
  core::write_json_string(out, value);
}

std::string begun(const core::pool_id& pool, std::string_view id, std::string_view type) {
  std::string out = "{";
  field(out, "specversion", "1.0");
  field(out, "id", id);
  field(out, "source", "/pools/" + percent_encoded(pool.text()));
  field(out, "type", type);
  field(out, "datacontenttype", "application/json");
  return out;
}

/// A live-only event has the number of the stored one before it: where a gap begins with one, what
/// is queued of that number stands before it.
std::uint64_t first_untold(const core::event_cursor& gap_start) {
  return gap_start.journal_cursor ? gap_start.event_seq : gap_start.event_seq + 1;
}

}  // namespace

std::string cloud_event(const core::pool_id& pool, const core::event_frame& frame) {
  const auto& envelope = frame.event->envelope;
  auto out = begun(pool, envelope.event_id.text(),
                   "agentpool.event." + std::string{core::to_text(envelope.event_family)} + "." +
                       std::string{core::to_text(envelope.event_kind)});
  field(out, "time", envelope.timestamp);
  field(out, "subject", envelope.subject_ref.id.text());
  // Numbers in attributes are limited to 32 bits there, so the place is text.
  field(out, "sequence", place_of(frame));
  out += ",\"data\":" + core::to_json(*frame.event) + '}';
  return out;
}

std::string cloud_event(const core::store_record& record) {
  const auto type = std::visit([](const auto& payload) { return payload.type; }, record.payload);
  const auto sequence = std::to_string(record.cursor.sequence);
  auto out = begun(record.pool_id, record.pool_id.text() + "/" + sequence,
                   "agentpool.record." + std::string{type});
  field(out, "sequence", sequence);
  out += ",\"data\":" + core::to_json(record) + '}';
  return out;
}

std::string place_of(const core::event_frame& frame) {
  auto place = std::to_string(frame.cursor.event_seq);
  const auto& envelope = frame.event->envelope;
  if (envelope.delivery_semantics != core::event_delivery_semantics::journal_backed)
    place += "." + envelope.event_id.text();
  return place;
}

core::event_cursor cursor_after(std::uint64_t event_seq, const core::event_filter& filter) {
  core::event_cursor cursor;
  cursor.scope = core::scope_of(filter);
  cursor.event_seq = event_seq;
  // A place is known by its number; the id, which no event has, is there because one must be.
  cursor.event_id = core::event_id{"event.before." + std::to_string(event_seq + 1)};
  return cursor;
}

std::optional<core::event_cursor> cursor_at(std::string_view place,
                                            const core::event_filter& filter) {
  std::uint64_t event_seq = 0;
  const auto* const end = place.data() + place.size();
  const auto [read, fault] = std::from_chars(place.data(), end, event_seq);
  if (fault != std::errc{}) return std::nullopt;
  auto cursor = cursor_after(event_seq, filter);
  if (read == end) return cursor;
  const std::string_view id{read + 1, static_cast<std::size_t>(end - read - 1)};
  if (*read != '.' || !core::identifier_fault(id).empty()) return std::nullopt;
  cursor.event_id = core::event_id{id};
  return cursor;
}

std::vector<const core::event_frame*> before_gap(const std::vector<core::event_frame>& frames,
                                                 std::size_t most) {
  // The first number of which nothing is told.
  auto gap = std::numeric_limits<std::uint64_t>::max();
  for (const auto& frame : frames) {
    if (!frame.overflow) continue;
    const auto& from = frame.overflow->gap_start;
    gap = std::min(gap, from ? first_untold(*from) : frame.cursor.event_seq);
  }
  std::vector<const core::event_frame*> whole;
  for (const auto& frame : frames)
    if (frame.cursor.event_seq < gap && whole.size() < most) whole.push_back(&frame);
  return whole;
}

}  // namespace agentpool::tools
