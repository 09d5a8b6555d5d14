#include "checks.hpp"

namespace agentpool::sim {

std::vector<std::unique_ptr<check>> standard_checks() {
  std::vector<std::unique_ptr<check>> all;
  all.push_back(checks::acknowledged());
  all.push_back(checks::answers());
  all.push_back(checks::effects_once());
  all.push_back(checks::expiry());
  all.push_back(checks::final_statuses());
  all.push_back(checks::wakes_once());
  all.push_back(checks::nothing_overdue());
  all.push_back(checks::replay());
  all.push_back(checks::one_log());
  all.push_back(checks::streams());
  all.push_back(checks::receipts_forward());
  all.push_back(checks::policies());
  all.push_back(checks::bounds());
  all.push_back(checks::deadlock());
  all.push_back(checks::attendance());
  return all;
}

namespace checks {

const forgetting* last_forgetting(const world_view& world, const core::pool_id& pool) {
  const forgetting* last = nullptr;
  for (std::size_t engine = 0; engine < world.sites(); ++engine)
    if (const auto& all = world.forgot(engine, pool); !all.empty()) last = &all.back();
  return last;
}

bool is_forgotten(const world_view& world, const core::pool_id& pool, std::uint64_t sequence) {
  const auto* last = last_forgetting(world, pool);
  return last != nullptr && sequence <= last->horizon.sequence;
}

}  // namespace checks

namespace {

class always_check final : public check {
 public:
  always_check(std::string name, std::function<std::string(const world_view&)> holds)
      : check{std::move(name)}, holds_{std::move(holds)} {}
  void on_step() override {
    if (auto wrong = holds_(world()); !wrong.empty()) violated(std::move(wrong));
  }

 private:
  std::function<std::string(const world_view&)> holds_;
};

class eventually_check final : public check {
 public:
  eventually_check(std::string name, std::chrono::milliseconds within,
                   std::function<bool(const world_view&)> holds)
      : check{std::move(name)}, within_{within}, holds_{std::move(holds)} {}
  void on_step() override {
    if (done_) return;
    done_ = holds_(world());
    if (!done_ && world().elapsed() > within_) fail("too late");
  }
  void on_idle() override {
    if (!done_ && !holds_(world())) fail("never: the world is idle");
  }

 private:
  void fail(const std::string& why) {
    done_ = true;
    violated(why);
  }
  std::chrono::milliseconds within_;
  std::function<bool(const world_view&)> holds_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<check> always(std::string name,
                              std::function<std::string(const world_view&)> holds) {
  return std::make_unique<always_check>(std::move(name), std::move(holds));
}

std::unique_ptr<check> never(std::string name, std::function<bool(const world_view&)> happens) {
  return always(std::move(name), [happens = std::move(happens)](const world_view& world) {
    return std::string{happens(world) ? "it happened" : ""};
  });
}

std::unique_ptr<check> eventually(std::string name, std::chrono::milliseconds within,
                                  std::function<bool(const world_view&)> holds) {
  return std::make_unique<eventually_check>(std::move(name), within, std::move(holds));
}

}  // namespace agentpool::sim
