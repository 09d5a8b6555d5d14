#include <map>
#include <set>
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
    const auto [known, is_new] = ids_.try_emplace({pool, key}, message.message_id);
    if (!is_new && known->second != message.message_id)
      violated("one key stands for " + known->second.text() + " and " + message.message_id.text());
    if (told->stored.receipt.status != core::message_status::delivered) return;
    for (const auto& run : told->stored.receipt.delivered_to)
      if (!effects_.emplace(std::pair{pool, key}, run).second)
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
  std::map<std::pair<core::pool_id, core::idempotency_key>, core::message_id> ids_;
  std::set<std::pair<std::pair<core::pool_id, core::idempotency_key>, core::run_id>> effects_;
  std::map<core::run_id, std::uint64_t> last_;  ///< What the present life's agent got last.
};

}  // namespace

std::unique_ptr<check> effects_once() { return std::make_unique<effects_once_check>(); }

}  // namespace agentpool::sim::checks
