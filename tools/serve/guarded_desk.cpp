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

/// The run that the one message or wake of an answer is of; none when there is neither.
std::optional<core::run_id> owner_in(const core::pool_snapshot& found) {
  if (!found.messages.empty()) return found.messages.front().message->from;
  if (!found.wakes.empty()) return found.wakes.front().condition.run_id;
  return std::nullopt;
}

void say(core::run_message& message, std::string_view key, const std::string& value) {
  message.correlation.entries.push_back(
      {core::correlation_key{key}, core::correlation_value{value}});
}

}  // namespace

bool is_traceparent(std::string_view text) {
  constexpr std::size_t length = 55;
  if (text.size() < length || (text.size() > length && text.substr(0, 2) == "00")) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const bool dash = i == 2 || i == 35 || i == 52;
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  const auto zeros = [](std::string_view part) {
    return part.find_first_not_of('0') == std::string_view::npos;
  };
  return text.substr(0, 2) != "ff" && !zeros(text.substr(3, 32)) && !zeros(text.substr(36, 16));
}

void guarded_desk::submit(const core::pool_id& pool, core::command ask,
                          std::chrono::milliseconds wait, actors::callback<core::answer> then) {
  const auto& who = shown_.who;
  if (all_->watch) then = all_->watch->asking(ask, wait, std::move(then));
  if (std::holds_alternative<core::open_pool>(ask) ||
      std::holds_alternative<core::record_message_status>(ask)) {
    if (!who.may(caller_role::administer)) return then(lacks("administer", who.name));
    return pass(pool, std::move(ask), wait, std::move(then));
  }
  if (const auto* acting = core::acting_run(ask)) {
    const auto run = *acting;  // it goes with the request
    return act(pool, run, std::move(ask), wait, std::move(then));
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
  pass(pool, std::move(ask), wait, std::move(then));
}

/// As an administrator that is known, not merely as one who reaches a port.
bool guarded_desk::administers() const {
  return shown_.who.proven && shown_.who.may(caller_role::administer);
}

void guarded_desk::act(const core::pool_id& pool, const core::run_id& run, core::command ask,
                       std::chrono::milliseconds wait, actors::callback<core::answer> then) {
  const bool leaves = std::holds_alternative<core::leave_run>(ask);
  if (leaves && administers()) return pass(pool, std::move(ask), wait, std::move(then));
  if (!shown_.who.may(caller_role::act)) return then(lacks("act", shown_.who.name));
  all_->runs->check(pool, run, shown_,
                    [self = shared_from_this(), pool, run, ask = std::move(ask), wait,
                     then = std::move(then)](core::outcome<run_sender> sender) mutable {
                      if (!sender) {
                        self->denied(pool, run);
                        return then(sender.error());
                      }
                      if (auto* sent = std::get_if<core::send_message>(&ask))
                        self->stamp(sent->message.edit(), *sender);
                      self->pass(pool, std::move(ask), wait, std::move(then));
                    });
}

/// What names a message or a wake instead of a run: whose it is decides.
void guarded_desk::act_on(const core::pool_id& pool, core::read_snapshot whose, core::command ask,
                          actors::callback<core::answer> then) {
  if (administers()) return pass(pool, std::move(ask), {}, std::move(then));
  if (!shown_.who.may(caller_role::act)) return then(lacks("act", shown_.who.name));
  all_->engine.pool(pool).submit(
      std::move(whose), [self = shared_from_this(), pool, ask = std::move(ask),
                         then = std::move(then)](core::outcome<core::answer> found) mutable {
        if (!found) return then(found.error());
        const auto run = owner_in(std::get<core::pool_snapshot>(*found));
        // Nobody's: the pool says that there is none.
        if (!run) return self->pass(pool, std::move(ask), {}, std::move(then));
        self->all_->runs->check(
            pool, *run, self->shown_,
            [self, pool, run = *run, ask = std::move(ask),
             then = std::move(then)](const core::outcome<run_sender>& sender) mutable {
              if (!sender) {
                self->denied(pool, run);
                return then(sender.error());
              }
              self->pass(pool, std::move(ask), {}, std::move(then));
            });
      });
}

void guarded_desk::pass(const core::pool_id& pool, core::command ask,
                        std::chrono::milliseconds wait, actors::callback<core::answer> then) {
  if (auto* sent = std::get_if<core::send_message>(&ask); sent != nullptr && all_->sends)
    then = all_->sends->sending(pool, sent->message.edit(), std::move(then));
  std::optional<core::run_id> leaving;
  if (const auto* leave = std::get_if<core::leave_run>(&ask)) leaving = leave->run_id;
  if (wait.count() > 0 && shown_.gone)
    return wait_in_parts(all_->engine.pool(pool), std::move(ask), wait, shown_.gone,
                         std::move(then));
  all_->engine.pool(pool).submit(
      std::move(ask), wait,
      [all = all_, pool, leaving, then = std::move(then)](core::outcome<core::answer> what) {
        if (what && leaving) all->runs->left(pool, *leaving);
        then(std::move(what));
      });
}

void guarded_desk::join(const core::pool_id& pool, seat_wanted wanted,
                        actors::callback<seat_told> then) {
  const auto& who = shown_.who;
  if (all_->watch) then = all_->watch->joining(std::move(then));
  if (!who.may(caller_role::act)) return then(lacks("act", who.name));
  if (!who.may_join(wanted.member.run_id))
    return then(core::policy_denied("'" + who.name +
                                    "' may not join under this run id: its token names others"));
  if (wanted.on_behalf_of) {
    if (const auto fault = core::identifier_fault(*wanted.on_behalf_of); !fault.empty())
      return then(core::contract_violation("on_behalf_of " + fault));
  }
  if (!wanted.spawned_by) return all_->runs->join(pool, std::move(wanted), shown_, std::move(then));
  // Only who acts as the parent can say that it spawned a run.
  const auto parent = *wanted.spawned_by;
  all_->runs->check(pool, parent, shown_,
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

void guarded_desk::stamp(core::run_message& message, const run_sender& sender) const {
  auto& entries = message.correlation.entries;
  const bool traced = is_traceparent(trace_);
  std::erase_if(entries, [&](const core::correlation_entry& entry) {
    const auto& key = entry.key.text();
    return key.starts_with(sender_prefix) || (traced && key == "traceparent");
  });
  say(message, sender_key, sender.name);
  if (sender.on_behalf_of) say(message, sender_behalf_key, *sender.on_behalf_of);
  if (sender.spawned_by) say(message, sender_parent_key, sender.spawned_by->text());
  if (traced) say(message, "traceparent", trace_);
}

}  // namespace agentpool::tools
