#include <map>
#include <utility>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

/// Engines that share a log may lag behind each other, but none behind itself.
class receipts_forward_check final : public check {
 public:
  receipts_forward_check() : check{"receipts_forward"} {}

  void on_answered(const request_seen& asked, const core::outcome<core::answer>& answer) override {
    if (!answer) return;
    const auto engine = asked.where.engine;
    if (const auto* receipt = std::get_if<core::message_receipt>(&*answer)) {
      const auto lives = lives_of(asked.pool, receipt->message_id, &pool_ledger::messages);
      const auto [last, is_new] =
          receipts_.try_emplace({engine, {asked.pool, receipt->message_id}}, *receipt, lives);
      const auto [before, lives_before] = std::exchange(last->second, {*receipt, lives});
      if (!is_new && lives == lives_before && is_back(before, *receipt))
        violated(receipt->message_id.text() + " was told as " +
                 std::string{core::to_text(before.status)} + " and then as " +
                 std::string{core::to_text(receipt->status)});
    } else if (const auto* wake = std::get_if<core::wake_registration>(&*answer)) {
      const auto lives = lives_of(asked.pool, wake->condition_id, &pool_ledger::wakes);
      const auto [last, is_new] =
          wakes_.try_emplace({engine, {asked.pool, wake->condition_id}}, wake->status, lives);
      const auto [before, lives_before] = std::exchange(last->second, {wake->status, lives});
      if (!is_new && lives == lives_before && core::is_final(before) && before != wake->status)
        violated(wake->condition_id.text() + " was told as " + std::string{core::to_text(before)} +
                 " and then as " + std::string{core::to_text(wake->status)});
    } else if (const auto* acked = std::get_if<core::inbox_acked>(&*answer)) {
      const auto* ask = std::get_if<core::ack_inbox>(&asked.ask);
      if (ask == nullptr) return;
      auto& last = acks_[{engine, {asked.pool, ask->run_id}}];
      if (acked->acked < last) violated("the position of " + ask->run_id.text() + " went back");
      last = acked->acked;
    }
  }

 private:
  static bool is_back(const core::message_receipt& before, const core::message_receipt& now) {
    if (core::is_final(before.status)) return before != now;
    return now.status < before.status;
  }

  /// How often the log says that it began: anew only where it was forgotten (`final_statuses`).
  template <class Id, class All>
  [[nodiscard]] std::uint64_t lives_of(const core::pool_id& pool, const Id& id, All all) const {
    const auto log = world().ledgers().find(pool);
    if (log == world().ledgers().end()) return 0;
    const auto& known = (log->second.*all)();
    const auto found = known.find(id);
    return found == known.end() ? 0 : found->second.lives;
  }

  template <class Id>
  using of_engine = std::pair<std::size_t, std::pair<core::pool_id, Id>>;

  template <class Told>
  using in_life = std::pair<Told, std::uint64_t>;

  std::map<of_engine<core::message_id>, in_life<core::message_receipt>> receipts_;
  std::map<of_engine<core::wake_condition_id>, in_life<core::wake_registration_status>> wakes_;
  std::map<of_engine<core::run_id>, std::uint64_t> acks_;
};

}  // namespace

std::unique_ptr<check> receipts_forward() { return std::make_unique<receipts_forward_check>(); }

}  // namespace agentpool::sim::checks
