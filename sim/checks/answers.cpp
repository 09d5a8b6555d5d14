#include <algorithm>
#include <map>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class answers_check final : public check {
 public:
  answers_check() : check{"answers"} {}

  void on_asked(const request_seen& asked) override { open_.emplace(asked.number, asked.where); }
  void on_answered(const request_seen& asked, const core::outcome<core::answer>&) override {
    if (open_.erase(asked.number) == 0)
      violated("request " + std::to_string(asked.number) + " was answered twice");
  }
  void on_crashed(const engine_life& dead) override {
    std::erase_if(open_, [&](const auto& each) { return each.second == dead; });
  }

  void on_idle() override {
    for (const auto& [number, where] : open_)
      violated("request " + std::to_string(number) + " of engine " + std::to_string(where.engine) +
               " was never answered");
  }

 private:
  std::map<std::uint64_t, engine_life> open_;
};

}  // namespace

std::unique_ptr<check> answers() { return std::make_unique<answers_check>(); }

}  // namespace agentpool::sim::checks
