#include "tools/toy_engine.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::support {

namespace {

const core::instant start_of_time = core::from_millis(1'700'000'000'000);

template <class T>
core::outcome<T> narrowed(const core::outcome<core::answer>& given) {
  if (!given) return given.error();
  return std::get<T>(*given);
}

}  // namespace

class toy_engine::context final : public actors::run_context {
 public:
  context(toy_engine& engine, core::run_id run, core::agent_id agent_id, core::pool_id pool,
          std::unique_ptr<actors::agent> agent)
      : engine_{engine},
        run_{std::move(run)},
        agent_id_{std::move(agent_id)},
        pool_{std::move(pool)},
        agent_{std::move(agent)} {}

  const core::run_id& run_id() const noexcept override { return run_; }
  const core::agent_id& agent_id() const noexcept override { return agent_id_; }
  const core::pool_id& pool_id() const noexcept override { return pool_; }
  core::instant now() const override { return start_of_time; }

  void send(actors::message_draft draft,
            actors::continuation<core::message_receipt> then) override {
    core::run_message message;
    message.message_id = core::message_id{"message." + run_.text() + "." + draft.name};
    message.idempotency_key = core::idempotency_key{"key." + run_.text() + "." + draft.name};
    message.from = run_;
    message.to = core::address_of(draft.to);
    message.content_ref = draft.content_ref;
    message.correlation = draft.correlation;
    message.reply_to = draft.reply_to;
    message.response_contract = draft.response_contract;
    act<core::message_receipt>(core::send_message{std::move(message)}, std::move(then));
  }

  void reply(const core::inbox_entry& entry, core::content_ref content,
             actors::continuation<core::message_receipt> then) override {
    actors::message_draft draft{"reply." + entry.message.message_id.text(),
                                core::to_run{entry.message.from}, std::move(content)};
    draft.reply_to = entry.message.message_id;
    send(std::move(draft), std::move(then));
  }

  void suspend(actors::condition_draft draft,
               actors::continuation<core::wake_registration> then) override {
    core::wake_condition condition;
    condition.condition_id = draft.condition_id.value();
    condition.run_id = run_;
    condition.filter = draft.filter;
    condition.idempotency_key = core::idempotency_key{"wake." + run_.text() + "." + draft.name};
    condition.after_cursor = draft.after_cursor;
    const auto id = condition.condition_id;
    const auto known = engine_.try_ask(core::poll_wake{id});
    act<core::wake_registration>(core::suspend_until{run_, std::move(condition)}, std::move(then));
    if (known && is_final(std::get<core::wake_registration>(*known).status)) engine_.tell_wake(id);
  }

  void publish(actors::event_draft draft,
               actors::continuation<core::event_published> then) override {
    core::agent_event event;
    auto& envelope = event.envelope;
    envelope.event_id = core::event_id{"event." + run_.text() + "." + draft.name};
    envelope.event_family = draft.family;
    envelope.event_kind = draft.kind;
    envelope.run_id = run_;
    envelope.agent_id = agent_id_;
    envelope.subject_ref = core::entity(core::entity_kind::run, run_.text());
    envelope.correlation = draft.correlation;
    envelope.delivery_semantics = draft.delivery;
    act<core::event_published>(core::publish_event{std::move(event)}, std::move(then));
  }

  void acknowledge(std::uint64_t sequence, actors::continuation<core::inbox_acked> then) override {
    act<core::inbox_acked>(core::ack_inbox{run_, sequence}, std::move(then));
  }

  void request(core::command ask, actors::continuation<core::answer> then) override {
    act<core::answer>(ask, std::move(then));
  }

  void finish() override { finished_ = true; }
  void fail(std::string reason) override { throw std::runtime_error(reason); }

 private:
  friend class toy_engine;

  template <class T>
  void act(const core::command& what, actors::continuation<T> then) {
    const auto given = engine_.try_ask(what);
    if (!then && !given) throw std::runtime_error(given.error().message);
    if (!then) return;
    calls_.push_back([this, given, then = std::move(then)] {
      if constexpr (std::is_same_v<T, core::answer>)
        return then(*this, given);
      else
        return then(*this, narrowed<T>(given));
    });
  }

  toy_engine& engine_;
  core::run_id run_;
  core::agent_id agent_id_;
  core::pool_id pool_;
  std::unique_ptr<actors::agent> agent_;
  std::deque<std::function<void()>> calls_;
  bool finished_ = false;
};

toy_engine::toy_engine(core::pool_id pool, toy_log& log, unsigned long seed)
    : log_{log}, pool_{std::move(pool)}, chance_{static_cast<std::mt19937::result_type>(seed)} {
  for (const auto& entry : log_.entries) pool_.apply(entry);
  for (const auto& [run, sequence] : log_.acks) pool_.apply(core::inbox_ack{run, sequence});
}

toy_engine::~toy_engine() = default;

core::evidence toy_engine::found(const core::missing& wanted) const {
  if (wanted.search) throw std::logic_error("the log is too long for a toy");
  core::evidence known;
  for (const auto sequence : wanted.sequences)
    for (const auto& entry : log_.entries)
      if (entry->record() && entry->record()->cursor.sequence == sequence)
        known.records[sequence] = entry;
  return known;
}

core::outcome<core::answer> toy_engine::try_ask(const core::command& what) {
  if (requests_left_-- == 0) throw toy_crash{};
  auto verdict = pool_.decide(what, start_of_time);
  if (const auto* wanted = std::get_if<core::missing>(&verdict))
    verdict = pool_.decide(what, start_of_time, found(*wanted));
  if (const auto* refused = std::get_if<core::agent_error>(&verdict)) return *refused;
  const auto& decided = std::get<core::decision>(verdict);
  for (const auto& entry : decided.entries) {
    log_.entries.push_back(entry);
    pool_.apply(entry);
  }
  for (const auto& ack : decided.acks) {
    log_.acks[ack.run_id] = ack.sequence;
    pool_.apply(ack);
  }
  for (const auto& entry : decided.entries) hand_out(entry);
  return decided.reply;
}

core::answer toy_engine::ask(const core::command& what) {
  auto given = try_ask(what);
  if (!given) throw std::runtime_error(given.error().message);
  return *given;
}

void toy_engine::hand_out(const core::entry_ptr& entry) {
  const auto* record = entry->record();
  if (record == nullptr) return;
  if (const auto* told = std::get_if<core::message_recorded>(&record->payload)) {
    if (told->stored.receipt.status != core::message_status::delivered) return;
    for (const auto& run : told->stored.receipt.delivered_to) {
      const auto found = runs_.find(run);
      if (found == runs_.end()) continue;
      auto& to = *found->second;
      const core::inbox_entry item{record->cursor.sequence, *told->stored.message};
      to.calls_.push_back([&to, item] { to.agent_->on_message(to, item); });
    }
  }
  if (const auto* wake = std::get_if<core::wake_recorded>(&record->payload))
    if (is_final(wake->stored->registration.status))
      tell_wake(wake->stored->condition.condition_id);
}

void toy_engine::tell_wake(const core::wake_condition_id& id) {
  const auto report = std::get<core::wake_report>(ask(core::read_wake{id}));
  const auto found = runs_.find(report.registration.run_id);
  if (found == runs_.end() || !report.notice) return;
  auto& to = *found->second;
  to.calls_.push_back([&to, notice = *report.notice] { to.agent_->on_wake(to, notice); });
}

void toy_engine::start(const core::run_id& run, const core::agent_id& agent_id,
                       std::unique_ptr<actors::agent> agent) {
  ask(core::join_run{{run, agent_id, {}, {}}});
  auto& made = runs_[run];
  made = std::make_unique<context>(*this, run, agent_id, pool_.id(), std::move(agent));
  auto& to = *made;
  to.calls_.push_back([&to] { to.agent_->on_start(to); });
  const auto inbox = std::get<core::inbox_page>(ask(core::read_inbox{run, {}, 1000}));
  for (const auto& entry : inbox.entries)
    to.calls_.push_back([&to, entry] { to.agent_->on_message(to, entry); });
}

bool toy_engine::step() {
  std::vector<context*> ready;
  for (const auto& [run, each] : runs_)
    if (each && !each->calls_.empty()) ready.push_back(each.get());
  if (ready.empty()) return false;
  auto& chosen = *ready[chance_() % ready.size()];
  const auto call = std::move(chosen.calls_.front());
  chosen.calls_.pop_front();
  if (!chosen.finished_) call();
  if (chosen.finished_) finish(chosen);
  return true;
}

void toy_engine::finish(context& run) {
  ask(core::leave_run{run.run_});
  const auto id = run.run_;  // A copy: erasing by the run's own id would be too late.
  runs_.erase(id);
}

}  // namespace agentpool::support
