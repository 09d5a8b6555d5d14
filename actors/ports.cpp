#include "actors/ports.hpp"

#include <caf/send.hpp>

#include <utility>

#include "actors/contained.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors {

// ---- pools ------------------------------------------------------------------------------------

pool_port::pool_port(core::pool_id id, pool_actors made, const engine_limits& limits,
                     std::function<std::shared_ptr<pool_port>()> next)
    : id_{std::move(id)},
      door_{std::make_shared<admission>(made.pool, limits)},
      pool_{std::move(made.pool)},
      journal_{std::move(made.journal)},
      why_closed_{messages::closed()},
      next_{std::move(next)} {}

pool_port::pool_port(core::pool_id id, core::agent_error why)
    : id_{std::move(id)}, why_closed_{std::move(why)} {}

messages::pool_actor pool_port::pool() const {
  if (door_ && door_->has_let_go()) {
    const auto next = find_next();
    return next ? next->pool() : messages::pool_actor{};
  }
  const std::lock_guard guard{lock_};
  return pool_;
}

messages::journal_actor pool_port::journal() const {
  const std::lock_guard guard{lock_};
  return journal_;
}

void pool_port::close() {
  if (door_) door_->close();
  const std::lock_guard guard{lock_};
  pool_ = messages::pool_actor{};
  journal_ = messages::journal_actor{};
}

bool pool_port::let_go() {
  if (!door_ || !door_->let_go()) return false;
  const std::lock_guard guard{lock_};
  pool_ = messages::pool_actor{};
  journal_ = messages::journal_actor{};
  return true;
}

std::shared_ptr<pool_port> pool_port::find_next() const {
  auto next = next_();
  const std::lock_guard guard{lock_};
  last_next_ = next;
  return next;
}

/// What nobody takes answers `closed` as it goes.
void pool_port::enter(admission::request what, admission::asker from,
                      std::shared_ptr<pool_port>* taker) {
  if (!door_) return std::visit([&](auto& ask) { ask.request->back.give(why_closed_); }, what);
  if (taker != nullptr) *taker = shared_from_this();  // before: the answer may come at once
  auto given_back = door_->take(std::move(what), from);
  if (!given_back) return;
  if (const auto next = find_next()) next->enter(std::move(*given_back), from, taker);
}

void pool_port::ask(core::command ask, std::chrono::milliseconds wait, callback<core::answer> then,
                    std::optional<core::membership> as) {
  auto call = std::make_shared<messages::pool_call>();
  call->ask = std::move(ask);
  call->wait = wait;
  call->as = std::move(as);
  call->back = messages::reply<core::answer>{contained(std::move(then))};
  enter(messages::pool_asked{std::move(call)}, admission::asker::handle);
}

void pool_port::ask_for_run(std::shared_ptr<messages::pool_call> call) {
  enter(messages::pool_asked{std::move(call)}, admission::asker::run);
}

pool_load pool_port::load() const {
  if (!door_) return {};
  if (!door_->has_let_go()) return door_->load();
  std::shared_ptr<pool_port> next;
  {
    const std::lock_guard guard{lock_};
    next = last_next_;
  }
  return next ? next->load() : pool_load{};
}

void pool_port::ask_in_order(messages::journal_question ask,
                             callback<messages::journal_answer> then) {
  auto call = std::make_shared<messages::journal_call>();
  call->ask = std::move(ask);
  call->back = messages::reply<messages::journal_answer>{contained(std::move(then))};
  enter(messages::journal_asked{std::move(call)}, admission::asker::handle);
}

void pool_port::open_stream(messages::journal_question ask, stream_taker then) {
  auto taker = std::make_shared<std::shared_ptr<pool_port>>();
  auto call = std::make_shared<messages::journal_call>();
  call->ask = std::move(ask);
  call->back = messages::reply<messages::journal_answer>{contained<messages::journal_answer>(
      [taker, then = std::move(then)](core::outcome<messages::journal_answer> answer) {
        then(*taker, std::move(answer));
      })};
  enter(messages::journal_asked{std::move(call)}, admission::asker::handle, taker.get());
}

void pool_port::ask_journal(messages::journal_question ask,
                            callback<messages::journal_answer> then) {
  const auto journal = this->journal();
  if (!journal) return then(why_closed_);
  auto call = std::make_shared<messages::journal_call>();
  call->ask = std::move(ask);
  call->back = messages::reply<messages::journal_answer>{contained(std::move(then))};
  caf::anon_send(journal, messages::journal_asked{std::move(call)});
}

void pool_port::close_stream(std::uint64_t stream) {
  if (const auto journal = this->journal()) caf::anon_send(journal, messages::close_stream{stream});
}

// ---- runs -------------------------------------------------------------------------------------

run_port::run_port(core::run_id id, std::shared_ptr<pool_port> pool)
    : id_{std::move(id)}, pool_{std::move(pool)} {}

run_status run_port::status() const {
  const std::lock_guard guard{lock_};
  return status_;
}

std::optional<core::agent_error> run_port::failure() const {
  const std::lock_guard guard{lock_};
  return rare_ ? rare_->failure : std::nullopt;
}

run_port::rarely_used& run_port::rare() {
  if (!rare_) rare_ = std::make_unique<rarely_used>();
  return *rare_;
}

run_status run_port::wait(std::chrono::milliseconds timeout) {
  std::unique_lock guard{lock_};
  rare().changed.wait_for(guard, timeout, [this] { return closed_ || is_final(status_); });
  return status_;
}

void run_port::enter(run_status status, core::boxed_optional<core::agent_error> failure) {
  const std::lock_guard guard{lock_};
  status_ = status;
  if (failure) rare().failure = std::move(*failure);
  if (is_final(status)) actor_ = messages::member_run_actor{};
  if (rare_) rare_->changed.notify_all();
}

void run_port::hold(messages::member_run_actor actor) {
  const std::lock_guard guard{lock_};
  if (!closed_ && !is_final(status_)) actor_ = std::move(actor);
}

messages::member_run_actor run_port::actor() const {
  const std::lock_guard guard{lock_};
  return actor_;
}

void run_port::cancel() {
  if (const auto run = actor()) caf::anon_send(run, messages::cancel_run{});
}

void run_port::close() {
  const std::lock_guard guard{lock_};
  closed_ = true;
  actor_ = messages::member_run_actor{};
  if (rare_) rare_->changed.notify_all();
}

}  // namespace agentpool::actors
