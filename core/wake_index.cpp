#include "pool_state.hpp"

namespace agentpool::core {

template <class Visit>
void wake_index::each_place(const event_filter& filter, Visit&& visit) {
  if (filter.run_ids.include) {
    for (const auto& run : *filter.run_ids.include) visit(by_run_, run);
    return;
  }
  if (filter.kinds.include) {
    for (const auto kind : *filter.kinds.include) visit(by_kind_, kind);
    return;
  }
  if (filter.families.include) {
    for (const auto family : *filter.families.include) visit(by_family_, family);
    return;
  }
  struct only {
    std::set<wake_condition_id>& set;
    std::set<wake_condition_id>& operator[](int) { return set; }
    void erase(int) {}
  } all{others_};
  visit(all, 0);
}

void wake_index::insert(const wake_condition_id& id, const event_filter& filter) {
  ++size_;
  each_place(filter, [&](auto& index, const auto& key) { index[key].insert(id); });
}

void wake_index::erase(const wake_condition_id& id, const event_filter& filter) {
  --size_;
  each_place(filter, [&](auto& index, const auto& key) {
    auto& waiting = index[key];
    waiting.erase(id);
    if (waiting.empty()) index.erase(key);
  });
}

void wake_index::candidates(const run_id& run, event_kind kind, event_family family,
                            std::set<wake_condition_id>& out) const {
  const auto add = [&](const auto& index, const auto& key) {
    const auto found = index.find(key);
    if (found != index.end()) out.insert(found->second.begin(), found->second.end());
  };
  add(by_run_, run);
  add(by_kind_, kind);
  add(by_family_, family);
  out.insert(others_.begin(), others_.end());
}

}  // namespace agentpool::core
