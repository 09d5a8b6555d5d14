#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class expiry_check final : public check {
 public:
  expiry_check() : check{"expiry"} {}

  void on_recorded(const core::pool_id&, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    if (entry->record() == nullptr) return;
    const auto* told = std::get_if<core::message_recorded>(&entry->record()->payload);
    if (told == nullptr) return;
    const auto& expires = told->stored.message->expires_at_millis;
    const auto status = told->stored.receipt.status;
    const bool late = expires && entry->recorded_at_millis >= *expires;
    const auto& name = told->stored.receipt.message_id.text();
    if (late && !world().clocks_jumped() && status == core::message_status::delivered)
      violated(name + " was delivered after its expiry");
    if (!late && status == core::message_status::expired)
      violated(name + " expired before its time");
  }
};

}  // namespace

std::unique_ptr<check> expiry() { return std::make_unique<expiry_check>(); }

}  // namespace agentpool::sim::checks
