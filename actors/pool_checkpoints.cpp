// Opening a pool from the checkpoint that its store kept, and making checkpoints.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/pool.hpp"
#include "agentpool/actors/log.hpp"

namespace agentpool::actors {

namespace {

/// Bytes of a checkpoint that are written again each time, for each entry appended since the last
/// one: about a tenth of what the entry itself takes.
constexpr std::size_t bytes_an_entry = 64;

std::uint64_t entries_up_to(core::log_position at) { return at.sequence + at.host_events; }

}  // namespace

void pool_desk::restore() {
  phase_ = phase::restoring;
  read_number_ = ask_log(messages::checkpoint_wanted{});
}

/// The checkpoint, or records that it needs.
void pool_desk::take_checkpoint(const core::outcome<messages::log_content>& content) {
  if (!content) return give_up_restoring(content.error());
  if (const auto* records = std::get_if<std::vector<core::entry_ptr>>(&*content))
    return take_restored(*records);
  const auto& found = std::get<messages::checkpoint_found>(*content);
  const auto& limits = setup_.limits;
  keeps_checkpoints_ =
      limits.checkpoint_records > 0 && (found.keeps || limits.retained_entries > 0);
  next_checkpoint_ = limits.checkpoint_records;
  begins_ = found.begins;
  if (begins_) self_->send(setup_.journal, messages::horizon_moved{begins_});
  if (!found.kept && begins_)
    return give_up_restoring(core::store_corrupt("the checkpoint is missing"));
  if (!found.kept) return catch_up();
  auto wanted = pool_->restore(found.kept->what);
  if (!wanted) return give_up_restoring(wanted.error());
  last_checkpoint_ = found.kept->number;
  next_checkpoint_ += entries_up_to(found.kept->what.at);
  durable_sequence_ = found.kept->what.at.sequence;
  restored_with_ = std::move(*wanted);
  restore_records();
}

void pool_desk::take_restored(const std::vector<core::entry_ptr>& records) {
  const auto taken = pool_->restore_records(records);
  if (!taken) return give_up_restoring(taken.error());
  restore_records();
}

void pool_desk::restore_records() {
  if (restored_with_.empty()) return catch_up();
  const auto many = std::min(restored_with_.size(), setup_.limits.page_entries);
  const auto first = restored_with_.end() - static_cast<std::ptrdiff_t>(many);
  std::vector<std::uint64_t> wanted(first, restored_with_.end());
  restored_with_.erase(first, restored_with_.end());
  read_number_ = ask_log(messages::records_wanted{std::move(wanted)});
}

/// The log alone says everything, in more time, if it is whole.
void pool_desk::give_up_restoring(const core::agent_error& why) {
  pool_ = std::make_unique<core::pool>(setup_.id, setup_.pool_limits);
  last_checkpoint_.reset();
  next_checkpoint_ = setup_.limits.checkpoint_records;
  durable_sequence_ = 0;
  restored_with_.clear();
  if (begins_)
    return lost_log(core::store_corrupt(
        "the pool's log was shortened and its checkpoint is of no use: " + why.message, why.about));
  logger().warn("a pool is opened from its log alone: {}", brief(why));
  catch_up();
}

/// Reads the log again where it could not be read, from the checkpoint if nothing is known yet.
void pool_desk::retry() {
  if (pool_->position() == core::log_position{}) return restore();
  catch_up();
}

// ---- making them ------------------------------------------------------------------------------

/// Or would be, so many entries later.
bool pool_desk::checkpoint_due(std::uint64_t early) const {
  if (!keeps_checkpoints_ || keeping_ || phase_ != phase::ready || append_failed_) return false;
  return entries_up_to(pool_->position()) + early >= next_checkpoint_;
}

/// A checkpoint of everything decided so far, in flight too: it goes to the store behind the
/// appends, which keeps it if they all succeed.
void pool_desk::make_checkpoint() {
  if (!checkpoint_due()) return;
  if (can_forget(entries_up_to(pool_->position()))) {
    forget_due_ = true;
    phase_ = phase::draining;
  } else {
    send_checkpoint(std::nullopt);
  }
}

/// Before closing, if more than a little came since the last one: who opens the pool next has less
/// to read.
void pool_desk::leave_checkpoint() {
  if (checkpoint_due(setup_.limits.checkpoint_records / 8 * 7)) send_checkpoint(std::nullopt);
}

/// False when none can be made here.
bool pool_desk::send_checkpoint(std::optional<core::horizon> begins) {
  append_gathered(true);
  const auto entries = entries_up_to(pool_->position());
  const auto retained = setup_.limits.retained_entries;
  if (retained > 0 && entries >= next_whole_) last_checkpoint_.reset();
  auto made = pool_->make_checkpoint(!last_checkpoint_);
  if (!made) return false;
  std::size_t again = made->head.size();
  if (!last_checkpoint_) {
    next_whole_ = entries + 2 * retained;
    for (const auto& part : made->parts) again += part.size();
  }
  next_checkpoint_ =
      entries + std::max<std::uint64_t>(setup_.limits.checkpoint_records, again / bytes_an_entry);
  if (retained > 0 && (marks_.empty() || entries - entries_up_to(marks_.back().at) >= retained / 4))
    if (auto mark = pool_->mark()) marks_.push_back(std::move(*mark));
  keeping_ = true;
  auto request = std::make_shared<const core::checkpoint_request>(core::checkpoint_request{
      setup_.id, std::move(*made), std::exchange(last_checkpoint_, {}), std::move(begins)});
  self_->send(setup_.store,
              messages::keep_checkpoint{epoch_, std::move(request), messages::pool_actor{self_}});
  return true;
}

void pool_desk::on_checkpoint_kept(const messages::checkpoint_kept& answer) {
  keeping_ = false;
  last_checkpoint_ = answer.number;
  const auto moved = std::exchange(moving_, nullptr);
  const auto drop = std::exchange(dropping_, nullptr);
  if (answer.number && drop) {
    begins_ = moved;
    self_->send(setup_.journal, messages::horizon_moved{moved});
    self_->send(setup_.store, messages::drop_old{drop, 0});
  }
  go_on();
}

// ---- forgetting -------------------------------------------------------------------------------

bool pool_desk::can_forget(std::uint64_t entries) const {
  const auto retained = setup_.limits.retained_entries;
  return retained > 0 && !marks_.empty() && entries_up_to(marks_.front().at) + retained <= entries;
}

/// Nothing is in flight: the pool forgets what is older than the latest mark that is old enough.
/// The store removes it once a checkpoint without it is kept.
void pool_desk::forget_old() {
  phase_ = phase::ready;
  const auto entries = entries_up_to(pool_->position());
  std::optional<core::horizon> begins;
  while (can_forget(entries)) {
    begins = std::move(marks_.front());
    marks_.pop_front();
  }
  if (!begins) return;
  auto drop = std::make_shared<const core::drop_request>(
      core::drop_request{setup_.id, pool_->forget(*begins)});
  auto moving = std::make_shared<const core::horizon>(*begins);
  if (!send_checkpoint(std::move(begins))) return;
  dropping_ = std::move(drop);
  moving_ = std::move(moving);
}

/// Marks of what did not become durable are none.
void pool_desk::forget_marks() {
  while (!marks_.empty() && entries_up_to(marks_.back().at) > entries_up_to(pool_->position()))
    marks_.pop_back();
}

}  // namespace agentpool::actors
