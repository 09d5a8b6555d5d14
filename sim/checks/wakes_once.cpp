#include <map>
#include <set>
#include <utility>

#include "checks.hpp"
#include "wake_book.hpp"

namespace agentpool::sim::checks {

namespace {

class wakes_once_check final : public check {
 public:
  wakes_once_check() : check{"wakes_once"} {}

  void on_recorded(const core::pool_id& pool, const core::entry_ptr& entry,
                   std::span<const core::published> events) override {
    auto& book = books_.try_emplace(pool, pool).first->second;
    book.forget(last_forgetting(world(), pool));
    for (const auto& what : events)
      if (const auto wrong = book.take(what, !world().clocks_jumped()); !wrong.empty())
        violated(wrong);
    if (entry->record() == nullptr) return;
    const auto* left = std::get_if<core::member_left>(&entry->record()->payload);
    if (left == nullptr) return;
    for (const auto& [id, wake] : world().ledgers().at(pool).wakes())
      if (wake.stored.condition.run_id == left->member.run_id &&
          !core::is_final(wake.stored.registration.status))
        violated(left->member.run_id.text() + " left and " + id.text() + " still waits");
  }

  void on_run_started(const run_life& run) override {
    told_[run.id].clear();
    asked_now_[run.id].clear();
    wants_[run.id].clear();
  }

  /// A later life that asks again is told again, also of what the earlier one asked.
  void on_asked(const request_seen& asked) override {
    const auto* ask = std::get_if<core::suspend_until>(&asked.ask);
    if (ask == nullptr || asked.at_node) return;
    ++asked_[ask->condition->condition_id];
    ++asked_now_[ask->run_id][ask->condition->condition_id];
  }

  void on_answered(const request_seen& asked, const core::outcome<core::answer>& answer) override {
    const auto* ask = std::get_if<core::suspend_until>(&asked.ask);
    if (ask != nullptr && answer) wants_[ask->run_id].insert(ask->condition->condition_id);
  }

  void on_woken(const run_life& run, const core::wake_notice& notice) override {
    const auto& name = notice.condition_id.text();
    const auto times = ++told_[run.id][notice.condition_id];
    const auto now = asked_now_[run.id][notice.condition_id];
    // Once for what an earlier life asked.
    const std::size_t before = asked_[notice.condition_id] > now ? 1 : 0;
    if (times > now + before)
      violated(run.id.text() + " was told of " + name + " more often than it asked");
    const auto& wakes = world().ledgers().at(run.pool).wakes();
    const auto found = wakes.find(notice.condition_id);
    if (found == wakes.end() || found->second.stored.registration.status != notice.status)
      violated(run.id.text() + " was told of " + name + " what the log does not say");
  }

  void on_idle() override {
    for (const auto& [pool, book] : books_)
      for (auto& wrong : book.overlooked()) violated(std::move(wrong));
    for (const auto& run : world().runs())
      if (run.has_agent && !run.stuck && run.status == actors::run_status::running)
        on_idle(run.request);
  }

 private:
  /// A run that is there was told of every wake that it asked for and that ended.
  void on_idle(const actors::run_request& run) {
    const auto found = world().ledgers().find(run.pool_id);
    if (found == world().ledgers().end()) return;
    for (const auto& id : wants_[run.run_id]) {
      const auto wake = found->second.wakes().find(id);
      if (wake == found->second.wakes().end() || told_[run.run_id].contains(id)) continue;
      if (core::is_final(wake->second.stored.registration.status))
        violated(run.run_id.text() + " was never told that " + id.text() + " ended");
    }
  }

  std::map<core::pool_id, wake_book> books_;
  std::map<core::wake_condition_id, std::size_t> asked_;  ///< Times, by all lives.
  std::map<core::run_id, std::map<core::wake_condition_id, std::size_t>> told_;  ///< In this one.
  std::map<core::run_id, std::map<core::wake_condition_id, std::size_t>> asked_now_;  ///< Likewise.
  std::map<core::run_id, std::set<core::wake_condition_id>> wants_;                   ///< Likewise.
};

}  // namespace

std::unique_ptr<check> wakes_once() { return std::make_unique<wakes_once_check>(); }

}  // namespace agentpool::sim::checks
