#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class bounds_check final : public check {
 public:
  bounds_check() : check{"bounds"} {}

  void on_delivered(const run_life& run, const core::inbox_entry&) override {
    const auto waiting = world().entries_waiting(run.id);
    if (waiting > world().limits().run_window)
      violated(run.id.text() + " was handed " + std::to_string(waiting) +
               " entries ahead, and its window is " + std::to_string(world().limits().run_window));
  }
};

}  // namespace

std::unique_ptr<check> bounds() { return std::make_unique<bounds_check>(); }

}  // namespace agentpool::sim::checks
