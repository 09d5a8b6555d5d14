#include "wake_index.hpp"

#include "agentpool/core/projection.hpp"

namespace agentpool::core {

namespace {

/// Where a wake hangs: under what it wants of one of these fields, or of none.
enum class field : std::uint64_t { none, run, agent, kind, family };

std::uint64_t place(field what, std::string_view value) {
  return stable_hash(value) + static_cast<std::uint64_t>(what);
}
std::uint64_t place(field what, const run_id& value) { return place(what, value.text()); }
std::uint64_t place(field what, const agent_id& value) { return place(what, value.text()); }
std::uint64_t place(field what, event_kind value) { return place(what, to_text(value)); }
std::uint64_t place(field what, event_family value) { return place(what, to_text(value)); }

/// Calls `visit` with each place of a wake that has this filter.
template <class Visit>
void each_place(const event_filter& filter, const Visit& visit) {
  const auto places = [&](field what, const auto& set) {
    if (!set.include) return false;
    for (const auto& value : *set.include) visit(place(what, value));
    return true;
  };
  if (places(field::run, filter.run_ids) || places(field::agent, filter.agent_ids) ||
      places(field::kind, filter.kinds) || places(field::family, filter.families))
    return;
  visit(place(field::none, std::string_view{}));
}

}  // namespace

void wake_index::insert(const open_wake& wake) {
  ++size_;
  each_place(wake.filter(), [&](std::uint64_t hash) { wanted_.add(hash, wake.sequence()); });
  waiters_.add(stable_hash(wake.run()), wake.sequence());
}

void wake_index::erase(const open_wake& wake) {
  --size_;
  each_place(wake.filter(), [&](std::uint64_t hash) { wanted_.drop(hash, wake.sequence()); });
  waiters_.drop(stable_hash(wake.run()), wake.sequence());
}

std::vector<std::uint64_t> wake_index::candidates(const published& what) const {
  std::vector<std::uint64_t> found;
  const auto look = [&](std::uint64_t hash) {
    wanted_.each(hash, [&](std::uint64_t wake) { found.push_back(wake); });
  };
  look(place(field::run, what.run_id));
  // A host says itself of which agent its event is.
  const auto* host = what.entry->host();
  look(place(field::agent, host != nullptr ? host->event.envelope.agent_id : what.agent_id));
  look(place(field::kind, kind_of(what)));
  look(place(field::family, family_of(what)));
  look(place(field::none, std::string_view{}));
  return found;
}

std::vector<std::uint64_t> wake_index::waiting(std::string_view run) const {
  std::vector<std::uint64_t> found;
  waiters_.each(stable_hash(run), [&](std::uint64_t wake) { found.push_back(wake); });
  return found;
}

}  // namespace agentpool::core
