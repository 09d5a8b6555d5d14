#include "pool_state.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace agentpool::tools {

namespace {

template <class T>
std::string text_of(const T& value) {
  if constexpr (core::named_enum<T>) {
    return std::string{core::to_text(value)};
  } else {
    return value.text();
  }
}

template <class T>
std::string any_of(const core::set_of<T>& set) {
  std::string out;
  if (!set.include) return out;
  for (const auto& one : *set.include) out += (out.empty() ? "" : " or ") + text_of(one);
  return out;
}

/// Finds the strongly connected parts of who waits for whom (Tarjan's algorithm), with a stack of
/// its own: a chain of waits may be as long as a pool is large.
class cycle_search {
 public:
  explicit cycle_search(const std::vector<std::vector<std::size_t>>& edges)
      : edges_{edges}, nodes_(edges.size()) {
    for (std::size_t i = 0; i < edges.size(); ++i)
      if (nodes_[i].index == 0) visit(i);
  }

  [[nodiscard]] bool in_cycle(std::size_t node) const { return nodes_[node].in_cycle; }

 private:
  struct node {
    std::size_t index = 0;  ///< 0: not visited.
    std::size_t low = 0;
    bool on_stack = false;
    bool in_cycle = false;
    std::size_t next_edge = 0;
  };

  void enter(std::size_t at) {
    nodes_[at].index = nodes_[at].low = ++last_;
    nodes_[at].on_stack = true;
    stack_.push_back(at);
    path_.push_back(at);
  }

  void visit(std::size_t from) {
    enter(from);
    while (!path_.empty()) {
      const auto at = path_.back();
      auto& here = nodes_[at];
      if (here.next_edge == edges_[at].size()) {
        path_.pop_back();
        if (!path_.empty()) nodes_[path_.back()].low = std::min(nodes_[path_.back()].low, here.low);
        if (here.low == here.index) finish(at);
        continue;
      }
      const auto to = edges_[at][here.next_edge++];
      if (nodes_[to].index == 0) {
        enter(to);
      } else if (nodes_[to].on_stack) {
        here.low = std::min(here.low, nodes_[to].index);
      }
    }
  }

  void finish(std::size_t root) {
    const auto begin = std::find(stack_.begin(), stack_.end(), root);
    const bool self =
        std::find(edges_[root].begin(), edges_[root].end(), root) != edges_[root].end();
    const bool cycle = stack_.end() - begin > 1 || self;
    for (auto each = begin; each != stack_.end(); ++each) {
      nodes_[*each].on_stack = false;
      nodes_[*each].in_cycle = cycle;
    }
    stack_.erase(begin, stack_.end());
  }

  const std::vector<std::vector<std::size_t>>& edges_;
  std::vector<node> nodes_;
  std::vector<std::size_t> stack_;
  std::vector<std::size_t> path_;
  std::size_t last_ = 0;
};

/// Marks the waits that are part of a cycle.
void mark_cycles(std::vector<wait_told>& waits) {
  std::multimap<core::run_id, std::size_t> of_run;
  for (std::size_t i = 0; i < waits.size(); ++i) of_run.emplace(waits[i].run_id, i);
  std::vector<std::vector<std::size_t>> edges(waits.size());
  for (std::size_t i = 0; i < waits.size(); ++i)
    for (const auto& run : waits[i].on) {
      const auto [begin, end] = of_run.equal_range(run);
      for (auto each = begin; each != end; ++each) edges[i].push_back(each->second);
    }
  const cycle_search found{edges};
  for (std::size_t i = 0; i < waits.size(); ++i) waits[i].in_cycle = found.in_cycle(i);
}

}  // namespace

std::string target_in_words(const core::run_address_target& target) {
  struct words {
    std::string operator()(const core::to_run& to) const { return "run " + to.run_id.text(); }
    std::string operator()(const core::to_agent& to) const { return "agent " + to.agent_id.text(); }
    std::string operator()(const core::to_topic& to) const { return "topic " + to.topic_id.text(); }
    std::string operator()(const core::to_pool& to) const { return "pool " + to.pool_id.text(); }
  };
  return std::visit(words{}, target);
}

std::string filter_in_words(const core::event_filter& filter) {
  auto what = any_of(filter.kinds);
  if (what.empty() && filter.families.include)
    what = "an event of family " + any_of(filter.families);
  if (what.empty()) what = filter.terminal_only ? "an event that ends something" : "any event";
  if (filter.run_ids.include) what += " of " + any_of(filter.run_ids);
  if (filter.agent_ids.include) what += " of agent " + any_of(filter.agent_ids);
  if (filter.tags.include) what += " tagged " + any_of(filter.tags);
  return what;
}

pool_state state_of(const core::pool_snapshot& open) {
  pool_state state{open.pool_id, open.cursor ? open.cursor->sequence : 0,
                   open.events,  open.members.size(),
                   {},           {},
                   open.inboxes};
  for (const auto& wake : open.wakes) {
    const auto& condition = wake.condition;
    wait_told told{condition.run_id,
                   condition.condition_id,
                   filter_in_words(condition.filter),
                   {},
                   condition.timeout_millis};
    if (condition.filter.run_ids.include) told.on = *condition.filter.run_ids.include;
    state.waits.push_back(std::move(told));
  }
  mark_cycles(state.waits);
  for (const auto& stored : open.messages) {
    const auto& message = *stored.message;
    message_under_way told{message.message_id,
                           message.from,
                           target_in_words(message.to.target),
                           stored.receipt.status,
                           stored.receipt.delivered_to.size(),
                           {}};
    if (message.response_contract)
      told.replies_wanted = message.response_contract->expected_responses;
    state.messages.push_back(std::move(told));
  }
  return state;
}

}  // namespace agentpool::tools
