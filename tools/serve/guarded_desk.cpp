#include "guarded_desk.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agentpool/actors/log.hpp"
#include "agentpool/core/acting_run.hpp"
#include "agentpool/core/run_event.hpp"
#include "patience.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t denials_remembered = 10'000;
constexpr std::chrono::minutes denial_pause{1};

core::agent_error lacks(std::string_view role, const std::string& name) {
  return core::policy_denied("'" + name + "' may not do this: it needs the role " +
                             std::string{role});
}

/// "run.ci.* or run.x"
std::string patterns_of(const caller& who) {
  std::string out;
  for (const auto& pattern : who.runs) {
    if (!out.empty()) out += " or ";
    out += pattern;
  }
  return out.empty() ? "none" : out;
}

/// The run that the one message or wake of an answer is of; none when there is neither.
std::optional<core::run_id> owner_in(const core::pool_snapshot& found) {
  if (!found.messages.empty()) return found.messages.front().message->from;
  if (!found.wakes.empty()) return found.wakes.front().condition.run_id;
  return std::nullopt;
}

/// What is no value of a correlation is left out: names are checked where they are read.
void say(core::event_correlation& correlation, std::string_view key, const std::string& value) {
  if (!core::identifier_fault(value).empty()) return;
  correlation.entries.push_back({core::correlation_key{key}, core::correlation_value{value}});
}

/// Keys that are the server's to say, however they are written.
bool is_ours(std::string_view key) {
  return key.size() >= sender_prefix.size() &&
         std::equal(sender_prefix.begin(), sender_prefix.end(), key.begin(),
                    [](char ours, char theirs) {
                      return ours == (theirs >= 'A' && theirs <= 'Z' ? theirs + 32 : theirs);
                    });
}

/// What a run may not say of itself in an event; "" when it may say all of it.
std::string fault_of(const core::event_envelope& event, const run_sender& sender) {
  if (sender.agent_id && event.agent_id != *sender.agent_id)
    return "agent_id: must be that of its run, " + sender.agent_id->text();
  if (event.event_id.text().starts_with("event.agent_pool."))
    return "event_id: those that begin with event.agent_pool. are the pool's own";
  if (event.source.id.text().starts_with("source.sdk."))
    return "source.id: those that begin with source.sdk. are the engine's own";
  if (event.event_family == core::event_family::run &&
      event.subject_ref.kind == core::entity_kind::run &&
      event.subject_ref.id.text() != event.run_id.text())
    return "subject_ref.id: an event of the family run is about the run that publishes it";
  return {};
}

}  // namespace

bool is_traceparent(std::string_view text) {
  if (text.size() != traceparent_length) return false;
  for (std::size_t i = 0; i < traceparent_length; ++i) {
    const bool dash = i == 2 || i == 35 || i == 52;
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  const auto zeros = [](std::string_view part) {
    return part.find_first_not_of('0') == std::string_view::npos;
  };
  return text.substr(0, 2) != "ff" && !zeros(text.substr(3, 32)) && !zeros(text.substr(36, 16));
}

std::string traceparent_in(std::string_view text) {
  const bool more = text.size() > traceparent_length && text.substr(0, 2) != "00" &&
                    text[traceparent_length] == '-';
  if (more) text = text.substr(0, traceparent_length);
  return is_traceparent(text) ? std::string{text} : std::string{};
}

void guarded_desk::submit(const core::pool_id& pool, core::command ask,
                          std::chrono::milliseconds wait, actors::callback<core::answer> then) {
  const auto& who = shown_.who;
  if (all_->watch) then = all_->watch->asking(ask, wait, std::move(then));
  if (std::holds_alternative<core::open_pool>(ask)) {
    if (!who.may(caller_role::administer)) return then(lacks("administer", who.name));
    return pass(pool, std::move(ask), wait, {}, std::move(then));
  }
  if (const auto* acting = core::acting_run(ask)) {
    const auto run = *acting;  // it goes with the request
    return act(pool, run, {std::move(ask), wait, std::move(then)}, false);
  }
  if (const auto* record = std::get_if<core::record_message_status>(&ask)) {
    core::read_snapshot whose;
    whose.message_id = record->message_id;
    return act_on(pool, std::move(whose), std::move(ask), std::move(then));
  }
  if (const auto* cancel = std::get_if<core::cancel_message>(&ask)) {
    core::read_snapshot whose;
    whose.message_id = cancel->message_id;
    return act_on(pool, std::move(whose), std::move(ask), std::move(then));
  }
  if (const auto* cancel = std::get_if<core::cancel_wake>(&ask)) {
    core::read_snapshot whose;
    whose.condition_id = cancel->condition_id;
    return act_on(pool, std::move(whose), std::move(ask), std::move(then));
  }
  if (!who.may(caller_role::observe)) return then(lacks("observe", who.name));
  pass(pool, std::move(ask), wait, {}, std::move(then));
}

/// For others, too: not merely as one who reaches a port or has the store's file.
bool guarded_desk::administers() const {
  return shown_.who.overrides && shown_.who.may(caller_role::administer);
}

/// `again`: the pool knew better than what was known of the caller, so that is read as of now.
void guarded_desk::act(const core::pool_id& pool, const core::run_id& run, request what,
                       bool again) {
  const bool leaves = std::holds_alternative<core::leave_run>(what.ask);
  if (leaves && administers())
    return pass(pool, std::move(what.ask), what.wait, {}, std::move(what.then));
  if (auto denied = not_acting(run)) return what.then(*std::move(denied));
  all_->runs->check(pool, run, shown_, again,
                    [self = shared_from_this(), pool, run, what = std::move(what),
                     again](const core::outcome<run_sender>& sender) mutable {
                      if (!sender) {
                        if (sender.error().kind == core::agent_error_kind::policy_denial)
                          self->denied(pool, run);
                        return what.then(sender.error());
                      }
                      if (auto wrong = self->stamp(what.ask, *sender))
                        return what.then(*std::move(wrong));
                      self->act_seated(pool, run, std::move(what), *sender, again);
                    });
}

void guarded_desk::act_seated(const core::pool_id& pool, const core::run_id& run, request what,
                              const run_sender& sender, bool again) {
  if (!sender.joined) return pass(pool, std::move(what.ask), what.wait, {}, std::move(what.then));
  core::membership as{run, *sender.joined};
  if (again) return pass(pool, std::move(what.ask), what.wait, std::move(as), std::move(what.then));
  auto ask = what.ask;
  const auto wait = what.wait;
  pass(pool, std::move(ask), wait, std::move(as),
       [self = shared_from_this(), pool, run,
        what = std::move(what)](core::outcome<core::answer> answered) {
         if (answered || answered.error().kind != core::agent_error_kind::policy_denial)
           return what.then(std::move(answered));
         // Nothing was done. Another server may have joined the run, and this one not know it yet.
         self->all_->engine.pool(pool).catch_up();
         self->act(pool, run, what, true);
       });
}

/// What names a message or a wake instead of a run: whose it is decides.
void guarded_desk::act_on(const core::pool_id& pool, core::read_snapshot whose, core::command ask,
                          actors::callback<core::answer> then) {
  if (administers()) return pass(pool, std::move(ask), {}, {}, std::move(then));
  if (!shown_.who.may(caller_role::act)) return then(lacks("act", shown_.who.name));
  all_->engine.pool(pool).submit(
      std::move(whose), [self = shared_from_this(), pool, ask = std::move(ask),
                         then = std::move(then)](const core::outcome<core::answer>& found) {
        if (!found) return then(found.error());
        const auto run = owner_in(std::get<core::pool_snapshot>(*found));
        // Nobody's: the pool says that there is none.
        if (!run) return self->pass(pool, ask, {}, {}, then);
        self->act(pool, *run, {ask, {}, then}, false);
      });
}

std::optional<core::agent_error> guarded_desk::not_acting(const core::run_id& run) const {
  if (!shown_.who.may(caller_role::act)) return lacks("act", shown_.who.name);
  if (shown_.who.may_join(run)) return std::nullopt;
  return core::policy_denied("'" + shown_.who.name + "' may not act as this run, only as " +
                             patterns_of(shown_.who));
}

void guarded_desk::check_acting(const core::pool_id& pool, const core::run_id& run, bool afresh,
                                const actors::callback<run_sender>& then) {
  const auto refused = [self = shared_from_this(), then](const core::agent_error& why) {
    if (self->all_->watch) self->all_->watch->on_denied();
    then(why);
  };
  if (auto denied = not_acting(run)) return refused(*denied);
  all_->runs->check(pool, run, shown_, afresh,
                    [self = shared_from_this(), pool, run, refused,
                     then](const core::outcome<run_sender>& sender) {
                      if (sender) return then(sender);
                      if (sender.error().kind != core::agent_error_kind::policy_denial)
                        return then(sender.error());
                      self->denied(pool, run);
                      refused(sender.error());
                    });
}

void guarded_desk::pass(const core::pool_id& pool, core::command ask,
                        std::chrono::milliseconds wait, std::optional<core::membership> as,
                        actors::callback<core::answer> then) {
  if (auto* sent = std::get_if<core::send_message>(&ask); sent != nullptr && all_->sends)
    then = all_->sends->sending(pool, sent->message.edit(), std::move(then));
  if (const auto* leave = std::get_if<core::leave_run>(&ask))
    then = [all = all_, pool, run = leave->run_id,
            then = std::move(then)](core::outcome<core::answer> what) {
      if (what) all->runs->left(pool, run);
      then(std::move(what));
    };
  auto once = [handle = all_->engine.pool(pool), ask = std::move(ask), as = std::move(as)](
                  std::chrono::milliseconds part, actors::callback<core::answer> told) {
    if (as) return handle.submit_as(*as, ask, part, std::move(told));
    handle.submit(ask, part, std::move(told));
  };
  if (wait.count() > 0 && shown_.gone)
    return wait_in_parts(std::move(once), wait, shown_.gone, std::move(then));
  once(wait, std::move(then));
}

void guarded_desk::join(const core::pool_id& pool, seat_wanted wanted,
                        actors::callback<seat_told> then) {
  const auto& who = shown_.who;
  if (all_->watch) then = all_->watch->joining(std::move(then));
  if (!who.may(caller_role::act)) return then(lacks("act", who.name));
  if (!who.may_join(wanted.member.run_id))
    return then(core::policy_denied("'" + who.name + "' may not join under this run id, only " +
                                    patterns_of(who)));
  if (wanted.on_behalf_of) {
    if (const auto fault = core::identifier_fault(*wanted.on_behalf_of); !fault.empty())
      return then(core::contract_violation("on_behalf_of " + fault));
  }
  if (!wanted.spawned_by) return all_->runs->join(pool, std::move(wanted), shown_, std::move(then));
  // Only who acts as the parent can say that it spawned a run.
  const auto parent = *wanted.spawned_by;
  all_->runs->check(pool, parent, shown_, false,
                    [self = shared_from_this(), pool, wanted = std::move(wanted),
                     then = std::move(then)](const core::outcome<run_sender>& checked) mutable {
                      if (!checked)
                        return then(core::policy_denied("spawned_by: " + checked.error().message));
                      self->all_->runs->join(pool, std::move(wanted), self->shown_,
                                             std::move(then));
                    });
}

void guarded_desk::list_pools(actors::callback<std::vector<core::pool_id>> then) {
  if (auto denied = lacking(caller_role::observe)) return then(*std::move(denied));
  all_->engine.list_pools(std::move(then));
}

void guarded_desk::put_content(std::string bytes, actors::callback<core::content_ref> then) {
  if (auto denied = lacking(caller_role::act)) return then(*std::move(denied));
  all_->engine.put_content(std::move(bytes), std::move(then));
}

void guarded_desk::get_content(core::content_ref name,
                               actors::callback<std::optional<std::string>> then) {
  if (auto denied = lacking(caller_role::observe)) return then(*std::move(denied));
  all_->engine.get_content(std::move(name), std::move(then));
}

core::outcome<actors::pool_handle> guarded_desk::reading(const core::pool_id& pool) {
  if (auto denied = lacking(caller_role::observe)) return *std::move(denied);
  return all_->engine.pool(pool);
}

std::optional<core::agent_error> guarded_desk::lacking(caller_role role) const {
  if (shown_.who.may(role)) return std::nullopt;
  if (all_->watch) all_->watch->on_denied();
  return lacks(core::to_text(role), shown_.who.name);
}

/// The refusal is an event of the run that was meant, if it is a member.
void guarded_desk::denied(const core::pool_id& pool, const core::run_id& run) const {
  const auto number = all_->denials->note(pool, run);
  if (!number) return;
  actors::logger().warn("'{}' was not let act as a run that is not its own", shown_.who.name);
  const auto now = all_->clock->now();
  const auto handle = all_->engine.pool(pool);
  handle.submit(
      core::list_members{run}, [handle, now, number](const core::outcome<core::answer>& what) {
        if (!what) return;
        for (const auto& member : std::get<core::member_list>(*what).members)
          handle.submit(
              core::publish_event{core::denial_event(member, "source.sdk.serve", now, *number)},
              [](const auto&) {});
      });
}

std::optional<std::uint64_t> denial_notes::note(const core::pool_id& pool,
                                                const core::run_id& run) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard guard{mutex_};
  if (told_.size() >= denials_remembered) told_.clear();
  const auto [found, is_new] = told_.try_emplace({pool, run}, now);
  if (!is_new && now - found->second < denial_pause) return std::nullopt;
  found->second = now;
  return ++last_number_;
}

void guarded_desk::mark(core::event_correlation& correlation, const run_sender& sender) const {
  std::erase_if(correlation.entries, [&](const auto& entry) {
    const auto& key = entry.key.text();
    return is_ours(key) || (!trace_.empty() && key == "traceparent");
  });
  say(correlation, sender_key, sender.name);
  if (sender.on_behalf_of) say(correlation, sender_behalf_key, *sender.on_behalf_of);
  if (sender.spawned_by) say(correlation, sender_parent_key, sender.spawned_by->text());
  if (!trace_.empty()) say(correlation, "traceparent", trace_);
}

std::optional<core::agent_error> guarded_desk::stamp(core::command& ask,
                                                     const run_sender& sender) const {
  if (auto* sent = std::get_if<core::send_message>(&ask)) {
    mark(sent->message.edit().correlation, sender);
  } else if (auto* published = std::get_if<core::publish_event>(&ask)) {
    auto& envelope = published->event->envelope;
    if (const auto fault = fault_of(envelope, sender); !fault.empty())
      return core::contract_violation("event.envelope." + fault);
    mark(envelope.correlation, sender);
  }
  return std::nullopt;
}

}  // namespace agentpool::tools
