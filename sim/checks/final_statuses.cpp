#include <map>
#include <optional>
#include <utility>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class final_statuses_check final : public check {
 public:
  final_statuses_check() : check{"final_statuses"} {}

  void on_recorded(const core::pool_id& pool, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    if (entry->record() == nullptr) return;
    const auto& payload = entry->record()->payload;
    const auto* message = std::get_if<core::message_recorded>(&payload);
    if (auto& accepted = accepted_[pool]) {
      const bool same = message != nullptr && message->stored.receipt.message_id == *accepted &&
                        message->stored.receipt.status == core::message_status::delivered;
      if (!same) violated(accepted->text() + " was accepted and not delivered with it");
      accepted.reset();
    }
    const auto sequence = entry->record()->cursor.sequence;
    if (message != nullptr) on_message(pool, message->stored.receipt, sequence);
    if (const auto* wake = std::get_if<core::wake_recorded>(&payload))
      on_wake(pool, wake->stored->registration, sequence);
  }

 private:
  template <class Status>
  struct told {
    Status status;
    std::uint64_t sequence;
  };
  using message_told = told<core::message_status>;
  using wake_told = told<core::wake_registration_status>;

  void on_message(const core::pool_id& pool, const core::message_receipt& receipt,
                  std::uint64_t sequence) {
    const auto [last, is_new] =
        messages_.try_emplace({pool, receipt.message_id}, message_told{receipt.status, sequence});
    if (receipt.status == core::message_status::accepted) accepted_[pool] = receipt.message_id;
    const auto before = std::exchange(last->second, {receipt.status, sequence});
    if (is_new) return;
    const bool moves = !core::is_final(before.status) && receipt.status > before.status;
    if (!moves && !is_forgotten(world(), pool, before.sequence))
      violated(receipt.message_id.text() + " went from " +
               std::string{core::to_text(before.status)} + " to " +
               std::string{core::to_text(receipt.status)});
  }

  void on_wake(const core::pool_id& pool, const core::wake_registration& wake,
               std::uint64_t sequence) {
    const auto [last, is_new] =
        wakes_.try_emplace({pool, wake.condition_id}, wake_told{wake.status, sequence});
    const auto before = std::exchange(last->second, {wake.status, sequence});
    if (is_new && core::is_final(wake.status))
      violated(wake.condition_id.text() + " ended and was never registered");
    if (is_new) return;
    const bool ends = !core::is_final(before.status) && core::is_final(wake.status);
    const bool anew = core::is_final(before.status) && !core::is_final(wake.status) &&
                      is_forgotten(world(), pool, before.sequence);
    if (!ends && !anew)
      violated(wake.condition_id.text() + " went from " +
               std::string{core::to_text(before.status)} + " to " +
               std::string{core::to_text(wake.status)});
  }

  std::map<std::pair<core::pool_id, core::message_id>, message_told> messages_;
  std::map<std::pair<core::pool_id, core::wake_condition_id>, wake_told> wakes_;
  std::map<core::pool_id, std::optional<core::message_id>> accepted_;  ///< By the last record.
};

}  // namespace

std::unique_ptr<check> final_statuses() { return std::make_unique<final_statuses_check>(); }

}  // namespace agentpool::sim::checks
