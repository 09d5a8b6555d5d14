#include <map>
#include <optional>

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
    if (message != nullptr) on_message(pool, message->stored.receipt);
    if (const auto* wake = std::get_if<core::wake_recorded>(&payload))
      on_wake(pool, wake->stored->registration);
  }

 private:
  void on_message(const core::pool_id& pool, const core::message_receipt& receipt) {
    const auto [last, is_new] = messages_.try_emplace({pool, receipt.message_id}, receipt.status);
    if (receipt.status == core::message_status::accepted) accepted_[pool] = receipt.message_id;
    if (is_new) return;
    if (core::is_final(last->second) || receipt.status <= last->second)
      violated(receipt.message_id.text() + " went from " +
               std::string{core::to_text(last->second)} + " to " +
               std::string{core::to_text(receipt.status)});
    last->second = receipt.status;
  }

  void on_wake(const core::pool_id& pool, const core::wake_registration& wake) {
    const auto [last, is_new] = wakes_.try_emplace({pool, wake.condition_id}, wake.status);
    if (is_new && core::is_final(wake.status))
      violated(wake.condition_id.text() + " ended and was never registered");
    if (is_new) return;
    if (core::is_final(last->second) || !core::is_final(wake.status))
      violated(wake.condition_id.text() + " went from " + std::string{core::to_text(last->second)} +
               " to " + std::string{core::to_text(wake.status)});
    last->second = wake.status;
  }

  std::map<std::pair<core::pool_id, core::message_id>, core::message_status> messages_;
  std::map<std::pair<core::pool_id, core::wake_condition_id>, core::wake_registration_status>
      wakes_;
  std::map<core::pool_id, std::optional<core::message_id>> accepted_;  ///< By the last record.
};

}  // namespace

std::unique_ptr<check> final_statuses() { return std::make_unique<final_statuses_check>(); }

}  // namespace agentpool::sim::checks
