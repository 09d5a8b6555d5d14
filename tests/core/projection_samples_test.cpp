// Events and journal records made from store records, against what the other implementation made
// of the same: equal but for times, which are counters there, and for a message event's
// correlation, which is the message's here and empty there.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/json.hpp"
#include "agentpool/core/projection.hpp"
#include "agentpool/core/time.hpp"
#include "catch.hpp"
#include "environment.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
namespace support = agentpool::support;

namespace {

const core::pool_id pool{"pool.wire"};

template <class T>
T read(const std::filesystem::path& file) {
  std::ifstream in{file};
  return core::from_json<T>(nlohmann::ordered_json::parse(in).dump()).value();
}

/// The log entry that a journal record of that number came from, published.
core::published published_as(core::store_payload payload, std::uint64_t number,
                             const core::run_id& run, const core::agent_id& agent) {
  core::log_entry entry;
  entry.recorded_at_millis = number;
  entry.what = core::store_record{pool, {number + 1}, std::move(payload)};
  core::published what;
  what.entry = std::make_shared<const core::log_entry>(std::move(entry));
  what.at = {number, 0};
  what.number = number;
  what.run_id = run;
  what.agent_id = agent;
  what.in_scope = true;
  return what;
}

/// The members that the samples' pool had at that journal record.
core::roll roll_at(std::uint64_t number) {
  core::roll roll;
  std::vector<core::published> out;
  std::uint64_t sequence = 0;
  const auto add = [&](core::store_payload payload) {
    core::log_entry entry;
    entry.what = core::store_record{pool, {++sequence}, std::move(payload)};
    roll.step(std::make_shared<const core::log_entry>(std::move(entry)), out);
  };
  add(core::pool_opened{});
  if (number >= 2) add(core::member_joined{support::member("run.a", {"topic.news"})});
  if (number >= 3) add(core::member_joined{support::member("run.b", {"topic.ops"})});
  return roll;
}

/// The store record that the message journal record tells of.
core::message_recorded recorded_in(const core::run_message_record& told,
                                   const std::filesystem::path& folder) {
  const auto status = std::string{to_text(told.delivery_status)};
  const auto whole = folder / ("store-payload.run_message." + status + ".json");
  auto recorded = std::get<core::message_recorded>(read<core::store_payload>(whole));
  if (recorded.stored.message->message_id == told.message_id) return recorded;
  core::run_message message;
  message.message_id = told.message_id;
  message.from = told.source_run_id;
  message.to = core::address_of(told.address_target);
  message.content_ref = told.content_ref;
  message.correlation = told.correlation;
  message.reply_to = told.reply_to;
  message.idempotency_key = told.idempotency_key;
  message.policy_refs = told.policy_refs;
  return {{message, {told.message_id, told.delivery_status, told.delivered_to, {}}}};
}

/// What a journal sample of the other implementation came from.
core::published origin_of(const core::journal_record& sample, const std::filesystem::path& folder) {
  const auto make = [&](core::store_payload payload) {
    return published_as(std::move(payload), sample.journal_seq, sample.run_id, sample.agent_id);
  };
  if (const auto* told = std::get_if<core::run_message_record>(&sample.payload))
    return make(recorded_in(*told, folder));
  if (const auto* told = std::get_if<core::membership_record>(&sample.payload)) {
    if (told->lifecycle_status == core::pool_lifecycle_status::created)
      return make(core::pool_created{});
    const auto member = support::member(sample.run_id.text());
    if (told->lifecycle_status == core::pool_lifecycle_status::run_left)
      return make(core::member_left{member});
    return make(core::member_joined{member});
  }
  const auto& told = std::get<core::wake_record>(sample.payload);
  const auto status = std::string{to_text(told.trigger_status)};
  auto what = make(read<core::store_payload>(folder / ("store-payload.wake." + status + ".json")));
  if (!told.matched_event_id) return what;
  auto entry = *what.entry;
  entry.triggered_by = core::trigger{};
  entry.triggered_by->event_id = *told.matched_event_id;
  what.entry = std::make_shared<const core::log_entry>(std::move(entry));
  return what;
}

std::vector<std::filesystem::path> named(const std::filesystem::path& folder,
                                         const std::string& prefix) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{folder})
    if (file.path().filename().string().starts_with(prefix)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("a journal record is what the other implementation makes of the same store record") {
  const auto folder = support::wire_samples();
  if (!folder) return support::skip("no wire samples");
  const auto files = named(*folder, "journal-record.");
  CHECK(files.size() >= 20);
  for (const auto& file : files) {
    INFO(file.filename());
    const auto sample = read<core::journal_record>(file);
    const auto made =
        core::project_journal(pool, origin_of(sample, *folder), roll_at(sample.journal_seq));
    CHECK(core::to_json(made) == core::to_json(sample));
  }
}

TEST_CASE("an event is what the other implementation makes of the same store record") {
  const auto folder = support::wire_samples();
  if (!folder) return support::skip("no wire samples");
  std::size_t compared = 0;
  for (const auto& file : named(*folder, "journal-record.")) {
    const auto record = read<core::journal_record>(file);
    for (const auto& frame_file : named(*folder, "event-frame.")) {
      auto frame = read<core::event_frame>(frame_file);
      if (frame.event->envelope.event_seq != record.journal_seq) continue;
      if (frame.event->envelope.event_kind == core::event_kind::wake_condition_failed) continue;
      INFO(frame_file.filename() << " of " << file.filename());
      frame.event.edit().envelope.timestamp = core::rfc3339(record.journal_seq);
      frame.event.edit().envelope.recorded_at = frame.event->envelope.timestamp;
      if (const auto* told = std::get_if<core::run_message_record>(&record.payload))
        frame.event.edit().envelope.correlation = told->correlation;
      const auto made = core::project_event(pool, origin_of(record, *folder));
      CHECK(core::to_json(core::frame_of(made, frame.cursor.scope)) == core::to_json(frame));
      ++compared;
    }
  }
  CHECK(compared >= 20);
}
