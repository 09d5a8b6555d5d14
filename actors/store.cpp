#include "actors/store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "actors/guard.hpp"
#include "actors/last_act.hpp"
#include "agentpool/actors/log.hpp"

namespace agentpool::actors {

namespace {

using messages::log_content;

template <class T>
core::outcome<log_content> as_content(core::outcome<T> read) {
  if (!read) return read.error();
  return log_content{std::move(*read)};
}

struct reader {
  core::store_backend& backend;
  const core::pool_id& pool;

  core::outcome<log_content> operator()(const messages::page_wanted& want) const {
    return as_content(backend.read(pool, want.after, want.entries_max));
  }
  core::outcome<log_content> operator()(const messages::records_wanted& want) const {
    return as_content(backend.fetch(pool, want.sequences));
  }
  core::outcome<log_content> operator()(const messages::acks_wanted& want) const {
    return as_content(backend.read_acks(pool, want.mark, want.acks_max));
  }
  core::outcome<log_content> operator()(const messages::checkpoint_wanted&) const {
    auto kept = backend.read_checkpoint(pool);
    if (!kept) return kept.error();
    auto begins = backend.read_horizon(pool);
    if (!begins) return begins.error();
    messages::checkpoint_found found{backend.keeps_checkpoints(), std::move(*kept), nullptr};
    if (*begins) found.begins = std::make_shared<const core::horizon>(std::move(**begins));
    return log_content{std::move(found)};
  }
};

template <class T>
core::outcome<messages::store_answer> as_answer(core::outcome<T> what) {
  if (!what) return what.error();
  return messages::store_answer{std::move(*what)};
}

/// What a store is asked by handles.
struct questions {
  core::store_backend& backend;
  const messages::store_tally& tally;

  using answer = core::outcome<messages::store_answer>;
  answer operator()(messages::list_pools) const { return as_answer(backend.list_pools()); }
  answer operator()(messages::read_tally) const { return messages::store_answer{tally}; }
  answer operator()(const messages::write_registry& ask) const {
    return as_answer(backend.write_registry(ask.writes));
  }
  answer operator()(const core::registry_query& query) const {
    return as_answer(backend.read_registry(query));
  }
  answer operator()(const messages::read_content& ask) const {
    return as_answer(backend.get_content(ask.name));
  }
};

/// The appends of one transaction, one request a pool.
class request_merge {
 public:
  /// Appends of one pool follow each other: those in between were refused together with it.
  void add(const messages::append_records& ask) {
    const auto [found, is_new] = places_.try_emplace(ask.request.pool_id, requests_.size());
    if (is_new) {
      requests_.push_back(ask.request);
    } else {
      auto& merged = requests_[found->second];
      const auto& more = ask.request;
      if (merged.entries.empty()) merged.expected = more.expected;
      merged.entries.insert(merged.entries.end(), more.entries.begin(), more.entries.end());
      merged.acks.insert(merged.acks.end(), more.acks.begin(), more.acks.end());
    }
    added_.insert(&ask);
  }
  /// Which request the append is part of; none when it was not added.
  [[nodiscard]] std::optional<std::size_t> place_of(const messages::append_records& ask) const {
    if (!added_.contains(&ask)) return std::nullopt;
    return places_.at(ask.request.pool_id);
  }
  [[nodiscard]] const std::vector<core::append_request>& requests() const { return requests_; }

 private:
  std::vector<core::append_request> requests_;
  std::unordered_map<core::pool_id, std::size_t> places_;
  std::unordered_set<const messages::append_records*> added_;
};

bool is_first_of_message(const core::store_record& record) {
  const auto* message = std::get_if<core::message_recorded>(&record.payload);
  if (message == nullptr) return false;
  switch (message->stored.receipt.status) {
    case core::message_status::accepted: return true;
    case core::message_status::expired:
    case core::message_status::failed: return message->stored.receipt.delivered_to.empty();
    case core::message_status::delivered:
    case core::message_status::responded:
    case core::message_status::timed_out:
    case core::message_status::cancelled: return false;
  }
  return false;
}

bool is_last_of_wake(const core::store_record& record) {
  const auto* wake = std::get_if<core::wake_recorded>(&record.payload);
  return wake != nullptr && core::is_final(wake->stored->registration.status);
}

}  // namespace

void store_desk::start(std::unique_ptr<core::store_backend> backend, const engine_limits& limits) {
  backend_ = std::move(backend);
  limits_ = limits;
}

// Appends that stand in the mailbox already come before the flush, and share its transaction.
void store_desk::on_append(messages::append_records ask) {
  gathered_.push_back(std::move(ask));
  if (std::exchange(flushing_, true)) return;
  self_->send(messages::store_actor{self_}, messages::flush_appends{});
}

void store_desk::on_flush() {
  flushing_ = false;
  commit();
  if (gathered_.empty() || std::exchange(flushing_, true)) return;
  self_->send(messages::store_actor{self_}, messages::flush_appends{});
}

/// A checkpoint says what the appends before it made of the pool: those come first.
void store_desk::on_keep(const messages::keep_checkpoint& ask) {
  while (!gathered_.empty()) commit();
  std::optional<std::uint64_t> number;
  const auto& pool = ask.request->pool_id;
  const auto broken = broken_epochs_.find(pool);
  if (broken == broken_epochs_.end() || broken->second < ask.epoch) {
    const auto kept = guarded([&] { return backend_->keep_checkpoint(*ask.request); });
    if (kept) number = *kept;
    // What a removal under way knows to be needed does not hold for a later horizon.
    if (number && ask.request->begins) dropping_.erase(pool);
    if (!kept) logger().warn("a checkpoint was not kept: {}", brief(kept.error()));
  }
  self_->send(ask.back, messages::checkpoint_kept{number});
}

/// A little at a time, so that appends need not wait long.
void store_desk::on_drop(const messages::drop_old& ask) {
  if (ask.after == 0) dropping_.insert_or_assign(ask.request->pool_id, ask.request);
  const auto under_way = dropping_.find(ask.request->pool_id);
  // The next removal takes what one leaves that has ended.
  if (under_way == dropping_.end() || under_way->second != ask.request) return;
  const auto next = guarded(
      [&] { return backend_->drop_records(*ask.request, ask.after, limits_.drop_records_max); });
  if (!next || !*next) dropping_.erase(ask.request->pool_id);
  if (!next) return logger().warn("old records were not removed: {}", brief(next.error()));
  if (*next) self_->send(messages::store_actor{self_}, messages::drop_old{ask.request, **next});
}

/// What one pool has in a transaction goes as one request, so that it stands or falls together.
void store_desk::commit() {
  if (gathered_.empty()) return;
  std::size_t requests = 0;
  std::ptrdiff_t many = 0;
  for (const auto& ask : gathered_) {
    requests += ask.requests;
    if (many > 0 && requests > limits_.batch_requests_max) break;
    ++many;
  }
  const auto first = gathered_.begin();
  std::vector<messages::append_records> asks(std::make_move_iterator(first),
                                             std::make_move_iterator(first + many));
  gathered_.erase(first, first + many);
  request_merge merge;
  for (auto& ask : asks) {
    const auto broken = broken_epochs_.find(ask.request.pool_id);
    if (broken == broken_epochs_.end() || broken->second < ask.epoch) merge.add(ask);
  }
  const auto results = guarded([&] { return backend_->append(merge.requests()); });
  if (results) ++tally_.commits;
  if (!results) logger().warn("append failed: {}", brief(results.error()));
  // Only now: what came while the disk was synced is the next thing that this worker does.
  const last_act ends{asks.size() == 1 && gathered_.empty() && nothing_waits(*self_)};
  for (const auto& ask : asks) {
    const auto place = merge.place_of(ask);
    if (!place) {
      answer(ask, core::append_result{core::append_result::kind::conflict, {}});
    } else if (!results) {
      answer(ask, results.error());
    } else {
      answer(ask, (*results)[*place]);
    }
  }
}

void store_desk::answer(const messages::append_records& ask,
                        core::outcome<core::append_result> result) {
  if (result && result->what == core::append_result::kind::appended) {
    count(ask.request);
  } else {
    broken_epochs_.insert_or_assign(ask.request.pool_id, ask.epoch);
  }
  self_->send(ask.back, messages::records_appended{ask.number, std::move(result)});
}

void store_desk::count(const core::append_request& request) {
  for (const auto& entry : request.entries) {
    const auto* record = entry->record();
    if (record == nullptr) continue;
    if (is_first_of_message(*record)) ++tally_.messages;
    if (is_last_of_wake(*record)) ++tally_.wakes;
  }
}

void store_desk::on_read(const messages::read_log& ask) {
  auto content = guarded([&] { return std::visit(reader{*backend_, ask.pool_id}, ask.what); });
  self_->send(ask.back, messages::log_told{ask.number, std::move(content)});
}

void store_desk::on_watch(const messages::watch_changes& ask) {
  watchers_.insert_or_assign(ask.pool_id, ask.pool);
  broken_epochs_.erase(ask.pool_id);  // of a pool actor that was before
  if (limits_.change_poll.count() > 0)
    timer_.arm<messages::store_actor>(self_, self_->clock().now() + limits_.change_poll);
}

/// Unless another actor has taken the pool over meanwhile.
void store_desk::on_ignore(const messages::ignore_changes& ask) {
  const auto found = watchers_.find(ask.pool_id);
  if (found == watchers_.end() || found->second != ask.pool) return;
  watchers_.erase(found);
  broken_epochs_.erase(ask.pool_id);
}

void store_desk::on_timer(const messages::timer_due& due) {
  if (!timer_.came(due) || watchers_.empty()) return;
  look_for_changes();
  timer_.arm<messages::store_actor>(self_, self_->clock().now() + limits_.change_poll);
}

void store_desk::look_for_changes() {
  const auto changed = guarded([&] { return backend_->changed_pools(); });
  if (!changed) {
    logger().warn("looking for foreign appends failed: {}", brief(changed.error()));
    return;
  }
  for (const auto& pool : *changed)
    if (const auto found = watchers_.find(pool); found != watchers_.end())
      self_->send(found->second, messages::pool_changed{});
}

/// Whoever reads a content finds what it gave before.
void store_desk::on_asked(const messages::store_asked& ask) {
  if (std::holds_alternative<messages::read_content>(ask.request->ask)) keep_contents();
  auto answer = guarded([&] { return std::visit(questions{*backend_, tally_}, ask.request->ask); });
  ask.request->back.give(std::move(answer));
}

// Contents that stand in the mailbox already come before the flush, as appends do.
void store_desk::on_content(const messages::content_given& given) {
  const bool is_first = contents_.empty();
  contents_.add(given.request);
  if (is_first) self_->send(messages::store_actor{self_}, messages::flush_contents{});
}

void store_desk::on_flush_contents() {
  contents_.keep(*backend_, limits_.content_batch_bytes);
  if (!contents_.empty()) self_->send(messages::store_actor{self_}, messages::flush_contents{});
}

void store_desk::keep_contents() {
  while (!contents_.empty()) contents_.keep(*backend_, limits_.content_batch_bytes);
}

void store_desk::on_closing() {
  while (!gathered_.empty()) commit();
  keep_contents();
  watchers_.clear();
  backend_.reset();
  self_->quit();
}

messages::store_actor::behavior_type store(
    messages::store_actor::stateful_pointer<store_desk> self,
    const std::shared_ptr<std::unique_ptr<core::store_backend>>& backend,
    const engine_limits& limits) {
  auto& desk = self->state;
  desk.start(std::move(*backend), limits);
  return {
      [&desk](messages::append_records& ask) { desk.on_append(std::move(ask)); },
      [&desk](messages::flush_appends) { desk.on_flush(); },
      [&desk](const messages::keep_checkpoint& ask) { desk.on_keep(ask); },
      [&desk](const messages::drop_old& ask) { desk.on_drop(ask); },
      [&desk](const messages::read_log& ask) { desk.on_read(ask); },
      [&desk](const messages::watch_changes& ask) { desk.on_watch(ask); },
      [&desk](const messages::ignore_changes& ask) { desk.on_ignore(ask); },
      [&desk](const messages::timer_due& due) { desk.on_timer(due); },
      [&desk](const messages::store_asked& ask) { desk.on_asked(ask); },
      [&desk](const messages::content_given& given) { desk.on_content(given); },
      [&desk](messages::flush_contents) { desk.on_flush_contents(); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors
