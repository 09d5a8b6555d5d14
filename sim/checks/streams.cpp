#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "agentpool/core/projection.hpp"
#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class streams_check final : public check {
 public:
  streams_check() : check{"streams"} {}

  void on_frames(std::size_t engine, const core::pool_id& pool,
                 std::span<const core::event_frame> frames) override {
    auto& last = last_[{engine, pool}];
    const auto floor = floor_of(engine, pool, last);
    if (!frames.empty() && frames.front().event->envelope.event_seq > floor) last = floor;
    begun_in_[{engine, pool}] = world().life_of(engine);
    for (const auto& frame : frames) {
      const auto& envelope = frame.event->envelope;
      if (envelope.delivery_semantics == core::event_delivery_semantics::best_effort_live) continue;
      const auto* next = next_after(pool, last);
      const auto& name = envelope.event_id.text();
      const auto where = "a subscriber of engine " + std::to_string(engine) + " got " + name;
      if (envelope.event_seq <= last) {
        violated(where + " again, or out of order");
      } else if (next == nullptr || next->at.event_seq > envelope.event_seq) {
        violated(where + ", which the log does not have in scope");
      } else if (next->at.event_seq < envelope.event_seq && !frame.overflow) {
        violated(where + " and not the event before it");
      } else if (next->at.event_seq == envelope.event_seq &&
                 core::project_event(pool, *next).envelope.event_id != envelope.event_id) {
        violated(where + ", and the log has another event there");
      }
      last = std::max(last, envelope.event_seq);
    }
  }

  void on_reading_anew(std::size_t engine, const core::pool_id& pool) override {
    begun_in_.erase({engine, pool});
  }

  /// Who reads on has got everything.
  void on_idle() override {
    for (const auto& [id, pool] : world().ledgers())
      for (std::size_t engine = 0; engine < world().engines(); ++engine)
        if (world().reads(engine, id))
          if (const auto* next = next_after(id, floor_of(engine, id, last_[{engine, id}])))
            violated("a subscriber of engine " + std::to_string(engine) + " never got " +
                     core::project_event(id, *next).envelope.event_id.text());
  }

 private:
  /// A subscription of another life of its engine, or one that begins anew, may begin at the
  /// horizon where that is later than what the one before it got last.
  [[nodiscard]] std::uint64_t floor_of(std::size_t engine, const core::pool_id& pool,
                                       std::uint64_t last) const {
    const auto begun = begun_in_.find({engine, pool});
    if (begun != begun_in_.end() && begun->second == world().life_of(engine)) return last;
    const auto* forgot = last_forgetting(world(), pool);
    return forgot == nullptr ? last : std::max(last, forgot->event_seq);
  }

  /// The next event in scope; null when there is none.
  [[nodiscard]] const core::published* next_after(const core::pool_id& id,
                                                  std::uint64_t last) const {
    const auto found = world().ledgers().find(id);
    if (found == world().ledgers().end()) return nullptr;
    const auto& events = found->second.events();
    auto next = std::partition_point(events.begin(), events.end(),
                                     [&](const auto& what) { return what.at.event_seq <= last; });
    while (next != events.end() && !next->in_scope) ++next;
    return next == events.end() ? nullptr : &*next;
  }

  using place = std::pair<std::size_t, core::pool_id>;

  std::map<place, std::uint64_t> last_;                   ///< event_seq.
  std::map<place, std::optional<engine_life>> begun_in_;  ///< The life that told it.
};

}  // namespace

std::unique_ptr<check> streams() { return std::make_unique<streams_check>(); }

}  // namespace agentpool::sim::checks
