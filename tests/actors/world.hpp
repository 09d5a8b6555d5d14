#pragma once

#include <caf/actor_system.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/stores/memory.hpp"

namespace agentpool::testing {

using namespace std::chrono_literals;

/// Wall time that follows a world's virtual clock, from where it stood at first.
class virtual_clock final : public core::clock {
 public:
  explicit virtual_clock(core::instant start) : start_{start} {}
  void follow(caf::actor_system& system) { system_ = &system; }
  [[nodiscard]] core::instant now() const override;

 private:
  core::instant start_;
  caf::actor_system* system_ = nullptr;
};

/// An engine in one thread and virtual time: a seed picks whose message is next.
class world {
 public:
  explicit world(std::unique_ptr<core::store_backend> backend, std::uint64_t seed = 1,
                 actors::engine_options options = {},
                 core::instant start = core::from_millis(1'800'000'000'000));
  ~world();

  actors::engine engine;

  /// Lets everybody act until nobody has anything to do; no time passes.
  void settle();
  /// Lets that many messages be handled.
  void steps(int count) {
    while (count-- > 0 && step()) {
    }
  }
  /// Lets time pass, and everybody act meanwhile.
  void pass(std::chrono::milliseconds time);
  /// While held, the store does not get its messages.
  void hold_store(bool hold) { held_ = hold ? "store" : ""; }
  /// The same for the journals.
  void hold_journal(bool hold) { held_ = hold ? "journal" : ""; }
  /// Messages in the fullest mailbox of those actors, by the name of their kind.
  [[nodiscard]] std::size_t mailbox(const std::string& name);
  [[nodiscard]] core::instant now() const { return clock_->now(); }

  /// What the pool answers to the command once everything has settled.
  template <class Answer>
  Answer ask(core::command command) {
    auto what = outcome_of(std::move(command));
    if (!what) throw std::runtime_error{core::to_text(what.error())};
    return std::get<Answer>(std::move(*what));
  }
  core::outcome<core::answer> outcome_of(core::command command);

  /// The pool that the tests use.
  [[nodiscard]] actors::pool_handle pool() { return engine.pool(core::pool_id{"pool.test"}); }

  /// Opens the pool and joins runs `run.NAME` of agent `agent.NAME`.
  void open(const std::vector<std::string>& names = {});

 private:
  [[nodiscard]] caf::scheduler::test_coordinator& coordinator();
  bool step();

  std::shared_ptr<virtual_clock> clock_;
  std::mt19937_64 chance_;
  std::string held_;  ///< The actors that get no messages.

  static actors::engine_options with(actors::engine_options options,
                                     std::shared_ptr<virtual_clock> clock);
  world(std::unique_ptr<core::store_backend> backend, std::uint64_t seed,
        actors::engine_options options, std::shared_ptr<virtual_clock> clock);
};

/// What came back, once it came.
template <class T>
struct inbox_of {
  std::shared_ptr<std::vector<core::outcome<T>>> all =
      std::make_shared<std::vector<core::outcome<T>>>();

  actors::callback<T> take() const {
    return [kept = all](core::outcome<T> what) { kept->push_back(std::move(what)); };
  }
  [[nodiscard]] bool empty() const { return all->empty(); }
  [[nodiscard]] const core::outcome<T>& only() const { return all->at(0); }
};

[[nodiscard]] core::pool_member member(const std::string& name,
                                       std::vector<core::topic_id> topics = {});
/// A message `message.ID` from `run.FROM` to `run.TO`.
[[nodiscard]] core::run_message message(const std::string& id, const std::string& from,
                                        const std::string& to);
/// A request for what `run.NAME` has not acknowledged.
[[nodiscard]] core::read_inbox unread(const std::string& name);
/// A condition `condition.ID` of `run.OF` that waits for `kind`.
[[nodiscard]] core::wake_condition condition(const std::string& id, const std::string& of,
                                             core::event_kind kind);
/// A filter for these kinds.
[[nodiscard]] core::event_filter kinds(std::vector<core::event_kind> wanted);

}  // namespace agentpool::testing
