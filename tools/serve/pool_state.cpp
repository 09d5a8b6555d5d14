#include "pool_state.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
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

  /// Whether `to`, to which `from` has an edge, leads back to it.
  [[nodiscard]] bool leads_back(std::size_t from, std::size_t to) const {
    return nodes_[from].part == nodes_[to].part;
  }

 private:
  struct node {
    std::size_t index = 0;  ///< 0: not visited.
    std::size_t low = 0;
    bool on_stack = false;
    std::size_t part = 0;  ///< The strongly connected one that it is in.
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
    for (bool more = true; more; stack_.pop_back()) {
      const auto at = stack_.back();
      nodes_[at].on_stack = false;
      nodes_[at].part = root;
      more = at != root;
    }
  }

  const std::vector<std::vector<std::size_t>>& edges_;
  std::vector<node> nodes_;
  std::vector<std::size_t> stack_;
  std::vector<std::size_t> path_;
  std::size_t last_ = 0;
};

/// Marks the waits that are part of a cycle. A run waits for another as soon as one of its waits
/// does: so there are no more edges than runs named in waits, however many waits a run has.
void mark_cycles(std::vector<wait_told>& waits) {
  std::unordered_map<std::string_view, std::size_t> number_of;
  for (const auto& wait : waits) number_of.emplace(wait.run_id.text(), number_of.size());
  std::vector<std::vector<std::size_t>> edges(number_of.size());
  const auto each_edge = [&](wait_told& wait, const auto& then) {
    const auto from = number_of.at(wait.run_id.text());
    for (const auto& run : wait.on)
      if (const auto to = number_of.find(run.text()); to != number_of.end()) then(from, to->second);
  };
  for (auto& wait : waits)
    each_edge(wait, [&](std::size_t from, std::size_t to) { edges[from].push_back(to); });
  const cycle_search found{edges};
  for (auto& wait : waits)
    each_edge(wait, [&](std::size_t from, std::size_t to) {
      wait.in_cycle = wait.in_cycle || found.leads_back(from, to);
    });
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
  for (const auto& run : open.inbox_waits)
    state.waits.push_back({run, {}, "a message in its inbox", {}, {}});
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
