#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

using std::chrono::microseconds;

/// Only in worlds with a network. A run is present as long as its program acts for it through a
/// node that has the program's connection; else it is away.
class attendance_check final : public check {
 public:
  attendance_check() : check{"attendance"} {}

  /// A pool decides in the order in which it is asked, and what it decides is recorded later: a run
  /// may join and leave again before either is.
  void on_asked(const request_seen& asked) override {
    if (const auto* join = std::get_if<core::join_run>(&asked.ask); join && !asked.at_node)
      guests_.insert({asked.pool, join->member.run_id});
    if (const auto* leave = wanted_leave(asked)) ++leaving_[{asked.pool, leave->run_id}];
  }

  void on_answered(const request_seen& asked, const core::outcome<core::answer>& answer) override {
    if (const auto* leave = wanted_leave(asked); leave && !answer)
      left({asked.pool, leave->run_id});
  }

  void on_time() override { look(); }

  void on_recorded(const core::pool_id& pool, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    if (world().sites() == world().engines() || entry->record() == nullptr) return;
    const auto& payload = entry->record()->payload;
    if (const auto* joined = std::get_if<core::member_joined>(&payload)) {
      present_[{pool, joined->member.run_id}] = world().elapsed();
    }
    const auto* gone = std::get_if<core::member_left>(&payload);
    if (gone == nullptr) return;
    const place who{pool, gone->member.run_id};
    if (left(who) || !guests_.contains(who)) return;
    look();
    const auto away = world().elapsed() - present_[who];
    if (away < world().grace())
      violated(gone->member.run_id.text() + " was sent away after " +
               std::to_string(away / std::chrono::milliseconds{1}) +
               " ms, and its time of grace is " + std::to_string(world().grace().count()));
  }

  /// Nothing is under way any more, so whoever is away has been for longer than a time of grace.
  void on_idle() override {
    if (world().sites() == world().engines()) return;
    std::set<place> here;
    std::set<core::pool_id> used;
    for (const auto& each : world().attendants()) {
      if (each.reaches) used.insert(each.pool);
      for (const auto& run : each.runs)
        if (each.reaches) here.insert({each.pool, run});
    }
    for (const auto& [id, pool] : world().ledgers()) {
      if (!used.contains(id)) continue;
      for (const auto& member : pool.members().members())
        if (guests_.contains({id, member.run_id}) && !here.contains({id, member.run_id}))
          violated(member.run_id.text() + " is away for good and still a member");
    }
  }

 private:
  using place = std::pair<core::pool_id, core::run_id>;

  /// At the node, by a program.
  static const core::leave_run* wanted_leave(const request_seen& asked) {
    if (!asked.at_node || asked.by_node) return nullptr;
    return std::get_if<core::leave_run>(&asked.ask);
  }

  /// Whether it had been asked for; once for each request.
  bool left(const place& who) {
    const auto found = leaving_.find(who);
    if (found == leaving_.end()) return false;
    if (--found->second == 0) leaving_.erase(found);
    return true;
  }

  void look() {
    for (const auto& each : world().attendants())
      for (const auto& run : each.runs)
        if (each.reaches) present_[{each.pool, run}] = world().elapsed();
  }

  std::set<place> guests_;                 ///< Joined through a program, ever.
  std::map<place, std::size_t> leaving_;   ///< Leaves asked for, neither recorded nor refused.
  std::map<place, microseconds> present_;  ///< When they were last.
};

}  // namespace

std::unique_ptr<check> attendance() { return std::make_unique<attendance_check>(); }

}  // namespace agentpool::sim::checks
