#include "pool_world.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/json.hpp"
#include "pool_records.hpp"

namespace agentpool::support {

namespace {

constexpr std::array policies{"policy.see", "policy.x"};
constexpr std::array topics{"topic.0", "topic.1"};

std::vector<core::policy_ref> chosen_policies(std::uint8_t bits) {
  std::vector<core::policy_ref> refs;
  for (std::size_t n = 0; n != policies.size(); ++n)
    if ((bits >> n & 1) != 0) refs.push_back(permission(policies[n]));
  return refs;
}

std::string in_words(const core::decision& decided) {
  std::string text;
  for (const auto& entry : decided.entries)
    text += entry->record() != nullptr ? core::to_json(*entry->record())
                                       : core::to_json(*entry->host());
  for (const auto& ack : decided.acks) text += " ack " + std::to_string(ack.sequence);
  if (const auto* page = std::get_if<core::inbox_page>(&decided.reply))
    for (const auto& entry : page->entries) text += core::to_json(entry);
  if (const auto* receipt = std::get_if<core::message_receipt>(&decided.reply))
    text += core::to_json(*receipt);
  if (const auto* registration = std::get_if<core::wake_registration>(&decided.reply))
    text += core::to_json(*registration);
  if (const auto* report = std::get_if<core::wake_report>(&decided.reply))
    if (report->notice) text += core::to_json(*report->notice);
  if (const auto* snapshot = std::get_if<core::pool_snapshot>(&decided.reply))
    text += core::to_json(*snapshot);
  return text;
}

}  // namespace

core::pool_config world_config() {
  core::pool_config config;
  config.policy_refs = permissions({"policy.see"});
  return config;
}

pool_world::pool_world(world_options options)
    : options_{options},
      pool_{std::make_unique<core::pool>(core::pool_id{"pool.w"}, options.limits)},
      log_{pool_->id()},
      now_{core::from_millis(1'000'000)} {
  for (const auto* name : {"run.0", "run.1", "run.2", "run.3", "run.4"}) runs_.emplace_back(name);
  decide(core::open_pool{world_config()});
}

core::event_filter pool_world::filter(std::uint8_t which) {
  core::event_filter filter;
  switch (which % 8) {
    case 0: return any_event();
    case 1: return of_kinds({core::event_kind::run_message_delivered});
    case 2: return of_kinds({core::event_kind::tool_completed, core::event_kind::tool_failed});
    case 3: filter.run_ids.include = {core::run_id{"run.1"}, core::run_id{"run.2"}}; return filter;
    case 4: filter.families.include = {core::event_family::tool}; return filter;
    case 5: filter.agent_ids.include = {core::agent_id{"agent.1"}}; return filter;
    case 6:
      filter =
          of_kinds({core::event_kind::run_message_delivered, core::event_kind::tool_completed});
      filter.agent_ids.include = {core::agent_id{"agent.0"}, core::agent_id{"agent.1"}};
      return filter;
    default: filter.terminal_only = true; return filter;
  }
}

const core::run_id& pool_world::run(std::uint8_t which) const {
  return runs_[which % runs_.size()];
}

const core::run_message* pool_world::sent(std::uint8_t which) const {
  return sent_.empty() ? nullptr : &sent_[which % sent_.size()];
}

// ---- requests ------------------------------------------------------------------------------

core::run_message pool_world::new_message(const world_step& step) {
  const std::array<core::run_address_target, 5> targets{
      core::to_run{run(step.c)},
      core::to_agent{core::agent_id{"agent." + std::to_string(step.c % 2)}},
      core::to_topic{core::topic_id{topics[step.c % 2]}}, core::to_pool{pool_->id()},
      core::to_pool{core::pool_id{"pool.elsewhere"}}};
  auto made =
      message("m." + std::to_string(next_++), run(step.a).text(), targets[step.b % targets.size()]);
  if (step.d % 3 == 0 && sent(step.c) != nullptr) made.reply_to = sent(step.c)->message_id;
  if (step.d % 4 == 1) made.response_contract = core::response_contract{1 + step.c % 2u, {}};
  if (step.d % 8 == 5) made.response_contract->timeout_millis = step.c % 16;
  if (step.d % 16 == 7) made.expires_at_millis = core::to_millis(now_) + step.c % 2;
  if (step.d % 5 == 2) made.policy_refs = chosen_policies(step.c);
  return made;
}

core::wake_condition pool_world::new_condition(const world_step& step) {
  auto made = condition("w." + std::to_string(next_++), run(step.a).text(), filter(step.b));
  if (step.c % 3 == 1) made.timeout_millis = step.c % 32;
  if (step.c % 16 == 3) made.timeout_millis = 0;
  if (step.d % 4 == 0 && !published_.empty()) {
    const auto& after = published_[step.d * 7u % published_.size()];
    const auto envelope = core::project_event(pool_->id(), after).envelope;
    made.after_cursor = core::event_cursor{{}, envelope.event_seq, envelope.event_id, {}};
  }
  return made;
}

std::optional<core::command> pool_world::message_request(const world_step& step) {
  const auto* earlier = sent(step.a);
  switch (step.action) {
    case 6: {
      if (earlier == nullptr) return std::nullopt;
      return core::send_message{*earlier};
    }
    case 7: {
      if (earlier == nullptr) return std::nullopt;
      auto other = *earlier;
      if (step.b % 2 == 0) other.content_ref = core::content_ref{"content.other"};
      if (step.b % 2 == 1) other.idempotency_key = core::idempotency_key{"key.other"};
      return core::send_message{other};
    }
    case 8: {
      if (earlier == nullptr) return std::nullopt;
      return core::cancel_message{earlier->message_id};
    }
    case 9: {
      if (earlier == nullptr) return std::nullopt;
      return core::record_message_status{
          earlier->message_id, static_cast<core::message_status>(step.b % 7), std::nullopt};
    }
    default: {
      sent_.push_back(new_message(step));
      return core::send_message{sent_.back()};
    }
  }
}

std::optional<core::command> pool_world::wake_request(const world_step& step) {
  if (step.action < 13) {
    conditions_.push_back(new_condition(step));
    return suspend(conditions_.back());
  }
  if (conditions_.empty()) return std::nullopt;
  const auto& earlier = conditions_[step.a % conditions_.size()];
  if (step.action == 13) return suspend(earlier);
  if (step.b % 4 == 0) return core::read_wake{earlier.condition_id};
  return core::cancel_wake{earlier.condition_id};
}

std::optional<core::command> pool_world::request(const world_step& step) {
  const auto& who = run(step.a);
  if (step.action < 2) {
    auto joining = member_of("agent." + std::to_string(step.a % 2), who.text());
    joining.policy_refs = chosen_policies(step.b % 4 == 0 ? step.c : 3);
    for (std::size_t n = 0; n != topics.size(); ++n)
      if ((step.d >> n & 1) != 0) joining.topics.emplace_back(topics[n]);
    return core::join_run{joining};
  }
  if (step.action < 10) return message_request(step);
  if (step.action < 15) return wake_request(step);
  switch (step.action) {
    case 15:
      return core::ack_inbox{who, std::min<std::uint64_t>(step.b, pool_->position().sequence)};
    case 16: return core::read_inbox{who, step.b, step.c};
    case 17: return core::leave_run{who};
    case 18: return core::read_snapshot{};
    default: break;
  }
  const auto kind =
      step.b % 2 == 0 ? core::event_kind::tool_completed : core::event_kind::model_stream_delta;
  const auto id = "host." + std::to_string(next_++);
  if (step.action == 19 || !options_.live_events)
    return core::publish_event{stored_event(id, who.text(), kind)};
  return core::publish_event{live_event(id, who.text(), kind)};
}

// ---- life ----------------------------------------------------------------------------------

void pool_world::take(const world_step& step) {
  switch (step.action) {
    case 21:
    case 22: now_ += std::chrono::milliseconds{step.a % 20}; return decide(core::expire_due{});
    case 23: return fail(true);
    case 24: return fail(false);
    case 25: return let_another_append(step);
    case 26:
    case 27:
    case 28:
      for (auto left = step.a % 4 + 1; left != 0 && !waiting_.empty(); --left) settle_oldest();
      return;
    default: break;
  }
  if (const auto asked = request(step)) decide(*asked);
}

core::pool::verdict pool_world::ask(const core::command& command) {
  auto verdict = pool_->decide(command, now_);
  if (const auto* unread = std::get_if<core::missing>(&verdict))
    verdict = pool_->decide(command, now_, log_.read(*unread));
  if (std::holds_alternative<core::missing>(verdict)) faults_ += "evidence was not enough\n";
  return verdict;
}

void pool_world::note(const core::pool::verdict& verdict) {
  if (const auto* error = std::get_if<core::agent_error>(&verdict))
    transcript_ += core::to_json(*error) + "\n";
  if (const auto* decided = std::get_if<core::decision>(&verdict))
    transcript_ += in_words(*decided) + "\n";
}

void pool_world::decide(const core::command& asked) {
  if (waiting_.empty()) at_rest_ = pool_->fingerprint();
  auto verdict = ask(asked);
  note(verdict);
  auto* decided = std::get_if<core::decision>(&verdict);
  if (decided == nullptr) return;
  auto publishes = pool_->try_out(*decided);
  waiting_.push_back({asked, std::move(*decided), std::move(publishes)});
}

void pool_world::settle_oldest() {
  auto& oldest = waiting_.front();
  log_.add(oldest.decided);
  published_.insert(published_.end(), oldest.publishes.begin(), oldest.publishes.end());
  waiting_.pop_front();
  if (kept_ahead_ > 0) --kept_ahead_;
  pool_->settle();
  at_rest_.clear();
}

void pool_world::compare(const std::string& when, const std::string& expected) {
  if (pool_->fingerprint() != expected)
    faults_ += when + ":\n" + pool_->fingerprint() + "instead of\n" + expected;
}

/// A checkpoint of decisions that did not become durable is void.
void pool_world::take_back() {
  pool_->take_back();
  if (kept_ahead_ == 0) return;
  kept_ahead_ = 0;
  kept_.reset();
  whole_next_ = true;
}

void pool_world::settle() {
  while (!waiting_.empty()) settle_oldest();
}

void pool_world::keep() {
  auto made = pool_->make_checkpoint(whole_next_);
  if (!made) return;
  if (!whole_next_) {
    auto parts = std::exchange(kept_->parts, {});
    std::move(made->parts.begin(), made->parts.end(), std::back_inserter(parts));
    made->parts = std::move(parts);
  }
  kept_ = std::move(made);
  whole_next_ = false;
  kept_ahead_ = waiting_.size();
}

void pool_world::reopen() {
  pool_ = std::make_unique<core::pool>(pool_->id(), options_.limits);
  core::log_position at;
  if (kept_) {
    const auto wanted = pool_->restore(*kept_).value();
    std::vector<core::entry_ptr> records;
    for (const auto& [sequence, entry] : log_.read({wanted, {}}).records) records.push_back(entry);
    if (!pool_->restore_records(records)) faults_ += "records of a checkpoint were refused\n";
  }
  const auto from = pool_->position();
  for (const auto& entry : log_.entries()) {
    const auto before = std::exchange(at, core::after(*entry, at));
    if (before >= from) pool_->apply(entry);
  }
  for (const auto& ack : log_.acks()) pool_->apply(ack);
  compare("after opening again", replay(log_, pool_->id())->fingerprint());
}

/// Nothing in flight became durable; the requests are decided again, or given up.
void pool_world::fail(bool again) {
  take_back();
  auto taken = std::exchange(waiting_, {});
  if (!at_rest_.empty()) compare("after taking back", at_rest_);
  compare("after taking back, by the log", replay(log_, pool_->id())->fingerprint());
  if (!again) return;
  for (const auto& one : taken) decide(one.asked);
}

/// Another engine on the same log was faster: what it appended comes first.
void pool_world::let_another_append(const world_step& step) {
  const auto other = replay(log_, pool_->id());
  auto theirs = step;
  theirs.action = static_cast<std::uint8_t>(step.b % 10);
  const auto asked = request(theirs);
  if (!asked) return;
  const auto verdict = other->decide(*asked, now_);
  const auto* decided = std::get_if<core::decision>(&verdict);
  if (decided == nullptr || decided->entries.empty()) return;
  take_back();
  auto taken = std::exchange(waiting_, {});
  log_.add(*decided);
  at_rest_.clear();
  for (const auto& entry : decided->entries) {
    const auto made = pool_->apply(entry);
    published_.insert(published_.end(), made.begin(), made.end());
  }
  compare("after another's append", other->try_out(*decided).empty() ? "" : other->fingerprint());
  for (const auto& one : taken) decide(one.asked);
}

void pool_world::come_to_rest() {
  settle();
  decide(core::expire_due{});
  settle();
}

}  // namespace agentpool::support
