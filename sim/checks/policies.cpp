#include <algorithm>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

bool holds(const std::vector<core::policy_ref>& held, const std::vector<core::policy_ref>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& ref) {
    return std::find(held.begin(), held.end(), ref) != held.end();
  });
}

bool named(const core::run_message& message, const core::pool_member& member,
           const core::pool_id& pool, const core::pool_config& config) {
  const auto& target = message.to.target;
  if (const auto* run = std::get_if<core::to_run>(&target)) return run->run_id == member.run_id;
  if (const auto* agent = std::get_if<core::to_agent>(&target))
    return agent->agent_id == member.agent_id;
  if (const auto* topic = std::get_if<core::to_topic>(&target))
    return std::count(member.topics.begin(), member.topics.end(), topic->topic_id) > 0;
  if (std::get<core::to_pool>(target).pool_id != pool) return false;
  return member.run_id != message.from || config.message_policy.include_sender_in_pool_broadcast;
}

class policies_check final : public check {
 public:
  policies_check() : check{"policies"} {}

  void on_recorded(const core::pool_id& pool, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    if (entry->record() == nullptr) return;
    const auto* told = std::get_if<core::message_recorded>(&entry->record()->payload);
    if (told == nullptr || told->stored.receipt.status != core::message_status::delivered) return;
    const auto& members = world().ledgers().at(pool).members();
    const auto& message = *told->stored.message;
    if (!members.config()) return violated("a message in a pool that was never opened");
    if (members.member(message.from) == nullptr)
      return violated(message.message_id.text() + " is of no member");
    std::vector<core::run_id> expected;
    const auto expect = [&](const core::pool_member& member) {
      if (named(message, member, pool, *members.config()) &&
          holds(member.policy_refs, message.policy_refs) &&
          holds(message.policy_refs, members.config()->message_policy.required_policy_refs))
        expected.push_back(member.run_id);
    };
    const auto* run = std::get_if<core::to_run>(&message.to.target);
    if (run == nullptr) {
      for (const auto& member : members.members()) expect(member);
    } else if (const auto* member = members.member(run->run_id)) {
      expect(*member);
    }
    if (expected.empty() || expected != told->stored.receipt.delivered_to)
      violated("recipients of " + message.message_id.text() + " are not whom it may reach");
  }
};

}  // namespace

std::unique_ptr<check> policies() { return std::make_unique<policies_check>(); }

}  // namespace agentpool::sim::checks
