// Opening a pool from the checkpoint that its store kept, and making checkpoints.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/log.hpp"
#include "actors/pool.hpp"

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
  keeps_checkpoints_ = found.keeps && setup_.limits.checkpoint_records > 0;
  next_checkpoint_ = setup_.limits.checkpoint_records;
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

/// The log alone says everything, in more time.
void pool_desk::give_up_restoring(const core::agent_error& why) {
  logger().warn("a pool is opened from its log alone: {}", brief(why));
  pool_ = std::make_unique<core::pool>(setup_.id, setup_.pool_limits);
  last_checkpoint_.reset();
  next_checkpoint_ = setup_.limits.checkpoint_records;
  durable_sequence_ = 0;
  restored_with_.clear();
  catch_up();
}

/// A checkpoint of everything decided so far, in flight too: it goes to the store behind the
/// appends, which keeps it if they all succeed.
void pool_desk::make_checkpoint() {
  if (!keeps_checkpoints_ || keeping_ || phase_ != phase::ready || append_failed_) return;
  const auto entries = entries_up_to(pool_->position());
  if (entries < next_checkpoint_) return;
  append_gathered(true);
  auto made = pool_->make_checkpoint(!last_checkpoint_);
  if (!made) return;
  std::size_t again = made->head.size();
  if (!last_checkpoint_)
    for (const auto& part : made->parts) again += part.size();
  next_checkpoint_ =
      entries + std::max<std::uint64_t>(setup_.limits.checkpoint_records, again / bytes_an_entry);
  keeping_ = true;
  self_->send(setup_.store, messages::keep_checkpoint{
                                epoch_,
                                std::make_shared<const core::checkpoint_request>(
                                    core::checkpoint_request{setup_.id, std::move(*made),
                                                             std::exchange(last_checkpoint_, {})}),
                                messages::pool_actor{self_}});
}

void pool_desk::on_checkpoint_kept(const messages::checkpoint_kept& answer) {
  keeping_ = false;
  last_checkpoint_ = answer.number;
  go_on();
}

}  // namespace agentpool::actors
