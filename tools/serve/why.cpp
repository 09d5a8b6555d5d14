#include "why.hpp"

#include <algorithm>
#include <utility>

#include "event_lookup.hpp"
#include "pool_state.hpp"

namespace agentpool::tools {

namespace {

/// Messages that answer each other are followed so far back.
constexpr int chain_most = 8;
/// Runs and messages that a sentence names.
constexpr std::size_t names_most = 8;

std::string listed(const std::vector<core::run_id>& runs) {
  std::string out;
  for (std::size_t i = 0; i < runs.size() && i < names_most; ++i)
    out += (out.empty() ? "" : ", ") + runs[i].text();
  if (runs.size() > names_most) out += " and " + std::to_string(runs.size() - names_most) + " more";
  return out;
}

std::string seconds(std::uint64_t millis) {
  return std::to_string(millis / 1'000) +
         (millis % 1'000 == 0 ? "" : "." + std::to_string(millis % 1'000 / 100)) + " s";
}

// ---- a run ----------------------------------------------------------------------------------

std::string in_words(const wait_told& wait) {
  std::string out = wait.run_id.text() + " waits for " + wait.waits_for;
  if (!wait.condition_id) return out + ", in a call that is under way";
  out += " (" + wait.condition_id->text() + ")";
  out += wait.timeout_millis ? ", at most " + seconds(*wait.timeout_millis) + " from when it began"
                             : ", without a timeout";
  if (wait.in_cycle) out += "; it is part of a cycle of waits";
  return out;
}

/// Who could end the wait, and what they do.
void tell_others(const pool_state& state, const wait_told& wait, const core::pool_snapshot& open,
                 reasons& because) {
  for (const auto& on : wait.on) {
    if (because.size() > names_most * 2) return;
    const bool member = std::any_of(open.members.begin(), open.members.end(),
                                    [&](const core::pool_member& one) { return one.run_id == on; });
    if (!member) {
      because.push_back(on.text() +
                        " is no member of the pool: unless it joins, nothing of it "
                        "comes");
      continue;
    }
    const auto found = std::find_if(state.waits.begin(), state.waits.end(),
                                    [&](const wait_told& other) { return other.run_id == on; });
    because.push_back(found == state.waits.end()
                          ? on.text() + " is a member and waits for nothing now"
                          : in_words(*found));
  }
}

reasons of_run(const core::run_id& run, const core::pool_snapshot& open) {
  const auto state = state_of(open);
  reasons because;
  const bool member = std::any_of(open.members.begin(), open.members.end(),
                                  [&](const core::pool_member& one) { return one.run_id == run; });
  if (!member) because.push_back(run.text() + " is no member of the pool");
  for (const auto& wait : state.waits) {
    if (wait.run_id != run) continue;
    because.push_back(in_words(wait));
    tell_others(state, wait, open, because);
  }
  if (member && because.empty()) because.push_back(run.text() + " waits for nothing now");
  for (const auto& inbox : state.inboxes)
    if (inbox.run_id == run)
      because.push_back("its inbox has " + std::to_string(inbox.unacknowledged) +
                        " messages that it has not acknowledged, after sequence " +
                        std::to_string(inbox.acked));
  for (const auto& stored : open.messages) {
    if (!stored.message->response_contract) continue;
    const auto& to = stored.receipt.delivered_to;
    const auto& id = stored.message->message_id.text();
    if (stored.message->from == run)
      because.push_back("its message " + id + " waits for replies of " + listed(to));
    if (std::find(to.begin(), to.end(), run) != to.end())
      because.push_back(stored.message->from.text() + " waits for a reply to message " + id);
  }
  return because;
}

// ---- a message ------------------------------------------------------------------------------

std::string in_words(const core::stored_message& stored) {
  const auto& message = *stored.message;
  std::string out = "message " + message.message_id.text() + " of " + message.from.text() + " to " +
                    target_in_words(message.to.target) + " is " +
                    std::string{core::to_text(stored.receipt.status)};
  const auto& to = stored.receipt.delivered_to;
  if (stored.receipt.status == core::message_status::failed) out += ": nobody was whom it is for";
  if (!to.empty()) out += ", in the inbox of " + listed(to);
  if (message.response_contract) {
    const auto wanted = message.response_contract->expected_responses;
    out += "; it wants " + std::to_string(wanted) + (wanted == 1 ? " reply" : " replies");
  }
  return out;
}

/// Follows a message and what it answers.
void follow(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
            const core::message_id& id, int most, reasons because,
            const actors::callback<reasons>& then) {
  core::read_snapshot which;
  which.message_id = id;
  desk->submit(
      pool, std::move(which), {},
      [desk, pool, id, most, because = std::move(because),
       then](const core::outcome<core::answer>& found) mutable {
        if (!found) return then(found.error());
        const auto& messages = std::get<core::pool_snapshot>(*found).messages;
        if (messages.empty()) {
          because.push_back("there is no message " + id.text() + " in this pool (any more)");
          return then(std::move(because));
        }
        const auto& stored = messages.front();
        because.push_back(in_words(stored));
        const auto& answers = stored.message->reply_to;
        if (!answers || most == 0) return then(std::move(because));
        because.back() += "; it answers " + answers->text();
        follow(desk, pool, *answers, most - 1, std::move(because), then);
      });
}

// ---- a wake ---------------------------------------------------------------------------------

std::string in_words(const core::stored_wake& wake) {
  return wake.condition.condition_id.text() + " of " + wake.condition.run_id.text() +
         ", which waits for " + filter_in_words(wake.condition.filter) + ", is " +
         std::string{core::to_text(wake.registration.status)};
}

/// The event that woke a run, and the message that it tells of, if it does.
void tell_cause(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
                const core::wake_notice& notice, reasons because,
                const actors::callback<reasons>& then) {
  const auto handle = desk->reading(pool);
  if (!handle || !notice.matched_event_id || !notice.matched_cursor)
    return then(std::move(because));
  read_event(*handle, *notice.matched_event_id, notice.matched_cursor->event_seq,
             [desk, pool, because = std::move(because), id = *notice.matched_event_id,
              then](const std::optional<core::event_frame>& frame) mutable {
               if (!frame) {
                 because.push_back("the event " + id.text() + " is no longer in the pool's log");
                 return then(std::move(because));
               }
               const auto& event = frame->event->envelope;
               because.push_back("woken by " + event_in_words(event));
               if (event.subject_ref.kind != core::entity_kind::message)
                 return then(std::move(because));
               follow(desk, pool, core::message_id{event.subject_ref.id.text()}, chain_most,
                      std::move(because), then);
             });
}

}  // namespace

void why_run(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
             const core::run_id& run, actors::callback<reasons> then) {
  core::read_snapshot open;
  open.open = true;
  desk->submit(pool, std::move(open), {},
               [desk, run, then = std::move(then)](const core::outcome<core::answer>& found) {
                 if (!found) return then(found.error());
                 then(of_run(run, std::get<core::pool_snapshot>(*found)));
               });
}

void why_wake(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
              const core::wake_condition_id& id, actors::callback<reasons> then) {
  core::read_snapshot which;
  which.condition_id = id;
  desk->submit(
      pool, std::move(which), {},
      [desk, pool, id, then = std::move(then)](const core::outcome<core::answer>& found) {
        if (!found) return then(found.error());
        const auto& wakes = std::get<core::pool_snapshot>(*found).wakes;
        if (wakes.empty())
          return then(reasons{"there is no wake condition " + id.text() + " in this pool"});
        reasons because{in_words(wakes.front())};
        desk->submit(
            pool, core::read_wake{id}, {},
            [desk, pool, because, then](const core::outcome<core::answer>& report) mutable {
              if (!report) return then(report.error());
              const auto& notice = std::get<core::wake_report>(*report).notice;
              if (!notice) return then(std::move(because));
              tell_cause(desk, pool, *notice, std::move(because), then);
            });
      });
}

void why_message(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
                 const core::message_id& id, const actors::callback<reasons>& then) {
  follow(desk, pool, id, chain_most, {}, then);
}

}  // namespace agentpool::tools
