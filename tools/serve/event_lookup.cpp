#include "event_lookup.hpp"

#include <utility>

#include "cloud_event.hpp"

namespace agentpool::tools {

namespace {

/// Events that are not stored share the number of the one before them: so many are looked at.
constexpr std::size_t looked_at = 16;

}  // namespace

void read_event(const actors::pool_handle& pool, const core::event_id& id, std::uint64_t event_seq,
                std::function<void(std::optional<core::event_frame>)> then) {
  std::optional<core::event_cursor> before;
  if (event_seq > 1) before = cursor_after(event_seq - 1, {});
  pool.subscribe({}, before,
                 [id, then = std::move(then)](core::outcome<actors::subscription> made) {
                   if (!made) return then(std::nullopt);
                   made->pull(looked_at, [id, then, stream = *made](const auto& frames) mutable {
                     stream.close();
                     if (!frames) return then(std::nullopt);
                     for (const auto& frame : *frames)
                       if (frame.event->envelope.event_id == id) return then(frame);
                     then(std::nullopt);
                   });
                 });
}

std::string event_in_words(const core::event_envelope& event) {
  return std::string{core::to_text(event.event_kind)} + " of " + event.run_id.text() + " at " +
         event.timestamp;
}

std::optional<std::string> summary_of(const core::agent_event& event) {
  const auto* told = std::get_if<core::redacted_summary_payload>(&event.payload);
  if (told == nullptr) return std::nullopt;
  return told->redacted_summary;
}

}  // namespace agentpool::tools
