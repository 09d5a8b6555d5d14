#include <algorithm>
#include <map>
#include <utility>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class effects_once_check final : public check {
 public:
  effects_once_check() : check{"effects_once"} {}

  void on_recorded(const core::pool_id& pool, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    if (entry->record() == nullptr) return;
    const auto* told = std::get_if<core::message_recorded>(&entry->record()->payload);
    if (told == nullptr) return;
    const auto& message = *told->stored.message;
    const auto& key = message.idempotency_key;
    const auto sequence = entry->record()->cursor.sequence;
    auto [known, is_new] = effects_.try_emplace({pool, key});
    auto& effect = known->second;
    if (!is_new && begins_anew(pool, told->stored.receipt, effect)) effect = {};
    if (effect.last > 0 && effect.message != message.message_id)
      violated("one key stands for " + effect.message.text() + " and " + message.message_id.text());
    effect.message = message.message_id;
    effect.last = sequence;
    effect.ended = core::is_final(told->stored.receipt.status);
    if (told->stored.receipt.status != core::message_status::delivered) return;
    for (const auto& run : told->stored.receipt.delivered_to)
      if (!effect.delivered.emplace(run, sequence).second)
        violated(message.message_id.text() + " was delivered twice to " + run.text());
  }

  void on_run_started(const run_life& run) override {
    const auto found = world().ledgers().find(run.pool);
    last_[run.id] = found == world().ledgers().end() ? 0 : found->second.acknowledged(run.id);
  }

  void on_delivered(const run_life& run, const core::inbox_entry& entry) override {
    const auto& name = entry.message.message_id.text();
    auto& last = last_[run.id];
    if (entry.sequence <= last)
      violated(run.id.text() + " got " + name + " (sequence " + std::to_string(entry.sequence) +
               ") after sequence " + std::to_string(last));
    last = entry.sequence;
    const auto& inbox = world().ledgers().at(run.pool).inbox(run.id);
    const auto found = inbox.find(entry.sequence);
    if (found == inbox.end() || found->second != entry.message.message_id)
      violated(run.id.text() + " got " + name + ", which its inbox does not have");
  }

 private:
  /// What came of a key.
  struct effect_of {
    core::message_id message;
    std::uint64_t last = 0;                           ///< The sequence of its last record.
    bool ended = false;                               ///< By a reply, its time or a cancellation.
    std::map<core::run_id, std::uint64_t> delivered;  ///< To whom, at which sequence.
  };

  /// The key was forgotten, which takes that its last record was older than the horizon and that
  /// the message had ended, or all who got it had acknowledged it.
  [[nodiscard]] bool begins_anew(const core::pool_id& pool, const core::message_receipt& now,
                                 const effect_of& before) const {
    const bool first = now.status == core::message_status::accepted || core::is_final(now.status);
    if (!first || !is_forgotten(world(), pool, before.last)) return false;
    if (before.ended) return true;
    const auto& acknowledged = last_forgetting(world(), pool)->acknowledged;
    return std::all_of(before.delivered.begin(), before.delivered.end(), [&](const auto& each) {
      const auto found = acknowledged.find(each.first);
      return found != acknowledged.end() && found->second >= each.second;
    });
  }

  std::map<std::pair<core::pool_id, core::idempotency_key>, effect_of> effects_;
  std::map<core::run_id, std::uint64_t> last_;  ///< What the present life's agent got last.
};

}  // namespace

std::unique_ptr<check> effects_once() { return std::make_unique<effects_once_check>(); }

}  // namespace agentpool::sim::checks
