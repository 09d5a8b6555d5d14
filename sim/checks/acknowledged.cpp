#include <algorithm>
#include <map>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class acknowledged_check final : public check {
 public:
  acknowledged_check() : check{"acknowledged"} {}

  void on_answered(const request_seen& asked, const core::outcome<core::answer>& answer) override {
    if (!answer) return;
    const auto found = world().ledgers().find(asked.pool);
    static const pool_ledger nothing{};
    const auto& kept = found == world().ledgers().end() ? nothing : found->second;
    const auto wrong =
        std::visit([&](const auto& what) { return lost(kept, asked, what); }, *answer);
    if (!wrong.empty()) violated(wrong);
  }

  void on_asked(const request_seen& asked) override {
    const auto* ask = std::get_if<core::ack_inbox>(&asked.ask);
    if (ask == nullptr) return;
    auto& most = acks_asked_[ask->run_id];
    most = std::max(most, ask->sequence);
  }
  void on_acknowledged(const core::pool_id&, const core::inbox_ack& ack) override {
    if (ack.sequence > acks_asked_[ack.run_id])
      violated(ack.run_id.text() + " never acknowledged sequence " + std::to_string(ack.sequence));
  }

  void on_run_started(const run_life& run) override { reached_[run.id] = 0; }
  void on_delivered(const run_life& run, const core::inbox_entry& entry) override {
    auto& reached = reached_[run.id];
    reached = std::max(reached, entry.sequence);
  }

  /// Who is there has got everything.
  void on_idle() override {
    for (const auto& run : world().runs()) {
      if (!run.has_agent || run.stuck || run.status != actors::run_status::running) continue;
      const auto found = world().ledgers().find(run.request.pool_id);
      if (found == world().ledgers().end()) continue;
      const auto& id = run.request.run_id;
      const auto& inbox = found->second.inbox(id);
      const auto until = std::max(reached_[id], found->second.acknowledged(id));
      if (const auto next = inbox.upper_bound(until); next != inbox.end())
        violated(next->second.text() + " was delivered (sequence " + std::to_string(next->first) +
                 ") and " + id.text() + " never got it");
    }
  }

 private:
  static std::string lost(const pool_ledger& kept, const request_seen&,
                          const core::message_receipt& receipt) {
    const auto found = kept.messages().find(receipt.message_id);
    const auto& name = receipt.message_id.text();
    if (found == kept.messages().end()) return name + " was acknowledged and is not in the log";
    const auto& logged = found->second.stored.receipt;
    if (logged.status < receipt.status || (core::is_final(receipt.status) && logged != receipt))
      return name + " was acknowledged as " + std::string{core::to_text(receipt.status)} +
             " and the log says " + std::string{core::to_text(logged.status)};
    return {};
  }
  static std::string lost(const pool_ledger& kept, const request_seen&,
                          const core::run_joined& joined) {
    if (joined.cursor.sequence <= kept.position().sequence) return {};
    return "a join was acknowledged at sequence " + std::to_string(joined.cursor.sequence) +
           " and the log ends before";
  }
  static std::string lost(const pool_ledger& kept, const request_seen&,
                          const core::run_left& left) {
    if (left.cursor.sequence <= kept.position().sequence) return {};
    return left.member.run_id.text() + " left and it is not in the log";
  }
  static std::string lost(const pool_ledger& kept, const request_seen&,
                          const core::wake_registration& wake) {
    const auto found = kept.wakes().find(wake.condition_id);
    const auto& name = wake.condition_id.text();
    if (found == kept.wakes().end()) return name + " was registered and is not in the log";
    const auto& logged = found->second.stored.registration;
    if (core::is_final(wake.status) && logged.status != wake.status)
      return name + " was told as " + std::string{core::to_text(wake.status)} +
             " and the log says " + std::string{core::to_text(logged.status)};
    return {};
  }
  static std::string lost(const pool_ledger& kept, const request_seen& asked,
                          const core::wake_report& report) {
    return lost(kept, asked, report.registration);
  }
  static std::string lost(const pool_ledger& kept, const request_seen& asked,
                          const core::inbox_acked& acked) {
    const auto* ask = std::get_if<core::ack_inbox>(&asked.ask);
    if (ask == nullptr || acked.acked <= kept.acknowledged(ask->run_id)) return {};
    return ask->run_id.text() + " acknowledged up to " + std::to_string(acked.acked) +
           " and it is not in the log";
  }
  static std::string lost(const pool_ledger& kept, const request_seen& asked,
                          const core::event_published& published) {
    const auto* ask = std::get_if<core::publish_event>(&asked.ask);
    if (ask == nullptr ||
        ask->event->envelope.delivery_semantics != core::event_delivery_semantics::journal_backed)
      return {};
    const auto seq = published.cursor.event_seq;
    const auto& events = kept.events();
    const auto found = std::partition_point(
        events.begin(), events.end(), [&](const auto& what) { return what.at.event_seq < seq; });
    if (found != events.end() && found->entry->host() != nullptr &&
        found->entry->host()->event.envelope.event_id == ask->event->envelope.event_id)
      return {};
    return ask->event->envelope.event_id.text() + " was published and is not in the log";
  }
  static std::string lost(const pool_ledger& kept, const request_seen&,
                          const core::pool_snapshot& snapshot) {
    if (!snapshot.cursor || snapshot.cursor->sequence <= kept.position().sequence) return {};
    return "a snapshot tells more than the log";
  }
  static std::string lost(const pool_ledger& kept, const request_seen& asked,
                          const core::inbox_page& page) {
    const auto* ask = std::get_if<core::read_inbox>(&asked.ask);
    if (ask == nullptr) return {};
    const auto& inbox = kept.inbox(ask->run_id);
    for (const auto& entry : page.entries)
      if (!inbox.contains(entry.sequence))
        return entry.message.message_id.text() + " was read from an inbox and is not in the log";
    return {};
  }
  static std::string lost(const pool_ledger&, const request_seen&, const core::member_list&) {
    return {};
  }
  static std::string lost(const pool_ledger&, const request_seen&, const core::dues_expired&) {
    return {};
  }

  std::map<core::run_id, std::uint64_t> acks_asked_;
  std::map<core::run_id, std::uint64_t> reached_;  ///< By the present life's agent.
};

}  // namespace

std::unique_ptr<check> acknowledged() { return std::make_unique<acknowledged_check>(); }

}  // namespace agentpool::sim::checks
