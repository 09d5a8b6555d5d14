#include "pool_report.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "agentpool/core/roll.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t page_entries = 1000;

std::string in_words(const core::run_address_target& target) {
  if (const auto* run = std::get_if<core::to_run>(&target)) return "run " + run->run_id.text();
  if (const auto* agent = std::get_if<core::to_agent>(&target))
    return "agent " + agent->agent_id.text();
  if (const auto* topic = std::get_if<core::to_topic>(&target))
    return "topic " + topic->topic_id.text();
  return "pool " + std::get<core::to_pool>(target).pool_id.text();
}

std::string in_words(const core::stored_message& stored) {
  const auto& message = *stored.message;
  std::string words = message.message_id.text() + " from " + message.from.text() + " to " +
                      in_words(message.to.target);
  if (message.reply_to) words += ", reply to " + message.reply_to->text();
  const auto reached = stored.receipt.delivered_to.size();
  if (reached > 0) words += ", " + std::to_string(reached) + (reached == 1 ? " run" : " runs");
  return words;
}

std::string in_words(const core::stored_wake& stored, const core::log_entry& entry) {
  std::string words =
      stored.condition.condition_id.text() + " of " + stored.condition.run_id.text();
  if (entry.triggered_by) words += " by " + entry.triggered_by->event_id.text();
  return words;
}

std::string in_words(const core::pool_member& member) {
  std::string words = member.run_id.text() + " (" + member.agent_id.text() + ")";
  for (const auto& topic : member.topics) words += " " + topic.text();
  return words;
}

/// Reads one pool's log entry by entry.
class reader {
 public:
  reader(const core::pool_id& pool, std::size_t timeline_max) : timeline_max_{timeline_max} {
    report_.pool_id = pool;
  }

  /// The log begins here: what was before is gone.
  void begin_at(core::roll roll) {
    report_.begins = core::store_cursor{roll.position().sequence};
    roll_ = std::move(roll);
  }

  void take(const core::inbox_ack& ack) { acked_[ack.run_id] = ack.sequence; }

  void take(const core::entry_ptr& entry) {
    published_.clear();
    roll_.step(entry, published_);
    if (const auto* record = entry->record()) take_record(*entry, *record);
    if (const auto* host = entry->host()) {
      const auto& event = host->event.envelope;
      tell(*entry, host->after_sequence, std::string{core::to_text(event.event_kind)},
           event.event_id.text() + " of " + event.run_id.text());
    }
  }

  pool_report finish();

 private:
  void take_record(const core::log_entry& entry, const core::store_record& record);
  void take_message(const core::stored_message& stored, std::uint64_t sequence);
  void take_wake(const core::stored_wake& stored);
  [[nodiscard]] bool acknowledged(const core::stored_message& stored, std::uint64_t sequence) const;

  void tell(const core::log_entry& entry, std::uint64_t sequence, std::string what,
            std::string detail) {
    lines_.push_back(
        {sequence, core::rfc3339(entry.recorded_at_millis), std::move(what), std::move(detail)});
    if (timeline_max_ != 0 && lines_.size() > timeline_max_) lines_.pop_front();
  }

  std::size_t timeline_max_;
  pool_report report_;
  core::roll roll_;
  std::vector<core::published> published_;
  std::deque<timeline_line> lines_;
  std::unordered_map<core::run_id, std::uint64_t> acked_;
  std::unordered_map<core::run_id, member_report> inboxes_;
  std::unordered_set<std::size_t> seen_;  ///< Hashes of message ids, to count them.
  std::map<core::message_id, core::stored_message> open_;
  std::map<core::wake_condition_id, core::wake_condition> waiting_;
};

bool reader::acknowledged(const core::stored_message& stored, std::uint64_t sequence) const {
  const auto& to = stored.receipt.delivered_to;
  return std::all_of(to.begin(), to.end(), [&](const core::run_id& run) {
    const auto found = acked_.find(run);
    return found != acked_.end() && found->second >= sequence;
  });
}

void reader::take_message(const core::stored_message& stored, std::uint64_t sequence) {
  const auto& id = stored.message->message_id;
  seen_.insert(std::hash<core::message_id>{}(id));
  const auto status = stored.receipt.status;
  if (status == core::message_status::delivered) {
    for (const auto& run : stored.receipt.delivered_to) {
      auto& inbox = inboxes_[run];
      ++inbox.delivered;
      const auto acked = acked_.find(run);
      if (acked == acked_.end() || acked->second < sequence) ++inbox.unacknowledged;
    }
  }
  const bool settled = core::is_final(status) ||
                       (status == core::message_status::delivered &&
                        !stored.message->response_contract && acknowledged(stored, sequence));
  if (settled) {
    open_.erase(id);
    return;
  }
  open_.insert_or_assign(id, stored);
}

void reader::take_wake(const core::stored_wake& stored) {
  const auto& id = stored.condition.condition_id;
  if (stored.registration.status != core::wake_registration_status::registered) {
    waiting_.erase(id);
    return;
  }
  ++report_.wakes;
  waiting_.insert_or_assign(id, stored.condition);
}

void reader::take_record(const core::log_entry& entry, const core::store_record& record) {
  const auto line = [&](std::string what, std::string detail) {
    tell(entry, record.cursor.sequence, std::move(what), std::move(detail));
  };
  const auto& payload = record.payload;
  if (std::holds_alternative<core::pool_opened>(payload)) line("pool_opened", "");
  if (std::holds_alternative<core::pool_created>(payload)) line("pool_created", "");
  if (const auto* joined = std::get_if<core::member_joined>(&payload))
    line("member_joined", in_words(joined->member));
  if (const auto* left = std::get_if<core::member_left>(&payload))
    line("member_left", in_words(left->member));
  if (const auto* message = std::get_if<core::message_recorded>(&payload)) {
    take_message(message->stored, record.cursor.sequence);
    line("message_" + std::string{core::to_text(message->stored.receipt.status)},
         in_words(message->stored));
  }
  if (const auto* wake = std::get_if<core::wake_recorded>(&payload)) {
    take_wake(*wake->stored);
    line("wake_" + std::string{core::to_text(wake->stored->registration.status)},
         in_words(*wake->stored, entry));
  }
}

pool_report reader::finish() {
  report_.cursor = {roll_.position().sequence};
  report_.host_events = roll_.position().host_events;
  report_.messages = seen_.size();
  for (const auto& member : roll_.members()) {
    auto told = inboxes_[member.run_id];
    told.member = member;
    report_.members.push_back(std::move(told));
  }
  for (auto& [id, stored] : open_) report_.open_messages.push_back(std::move(stored));
  for (auto& [id, condition] : waiting_) report_.registered_wakes.push_back(std::move(condition));
  report_.timeline.assign(std::make_move_iterator(lines_.begin()),
                          std::make_move_iterator(lines_.end()));
  return std::move(report_);
}

}  // namespace

core::outcome<pool_report> report_on(core::store_backend& store, const core::pool_id& pool,
                                     std::size_t timeline_max) {
  reader reading{pool, timeline_max};
  for (std::uint64_t mark = 0;;) {
    auto page = store.read_acks(pool, mark, page_entries);
    if (!page) return page.error();
    if (page->acks.empty()) break;
    for (const auto& ack : page->acks) reading.take(ack);
    mark = page->mark;
  }
  const auto begins = store.read_horizon(pool);
  if (!begins) return begins.error();
  core::log_position at;
  if (*begins) {
    auto roll = core::roll::unpacked((*begins)->roll);
    if (!roll) return roll.error();
    at = (*begins)->at;
    reading.begin_at(std::move(*roll));
  }
  for (;;) {
    auto page = store.read(pool, at, page_entries);
    if (!page) return page.error();
    if (page->entries.empty()) break;
    for (const auto& entry : page->entries) reading.take(entry);
    at = page->next;
  }
  return reading.finish();
}

}  // namespace agentpool::tools
