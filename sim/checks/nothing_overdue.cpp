#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

/// An idle world has no timer left, so whatever still has a time to wait for would wait for good.
class nothing_overdue_check final : public check {
 public:
  nothing_overdue_check() : check{"nothing_overdue"} {}

  void on_idle() override {
    for (const auto& [id, pool] : world().ledgers()) {
      if (!is_used(id)) continue;
      for (const auto& [condition, wake] : pool.wakes())
        if (wake.stored.condition.timeout_millis &&
            !core::is_final(wake.stored.registration.status))
          violated(condition.text() + " has a timeout and never times out");
      for (const auto& [message, kept] : pool.messages()) {
        const auto& contract = kept.stored.message->response_contract;
        if (contract && contract->timeout_millis && !core::is_final(kept.stored.receipt.status))
          violated(message.text() + " waits for replies with a timeout and never times out");
      }
    }
  }

 private:
  /// Some engine has the pool in use.
  [[nodiscard]] bool is_used(const core::pool_id& id) const {
    for (std::size_t engine = 0; engine < world().sites(); ++engine)
      if (world().state_of(engine, id)) return true;
    return false;
  }
};

}  // namespace

std::unique_ptr<check> nothing_overdue() { return std::make_unique<nothing_overdue_check>(); }

}  // namespace agentpool::sim::checks
