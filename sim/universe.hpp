#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agentpool/sim/network.hpp"
#include "agentpool/sim/world.hpp"
#include "injector.hpp"
#include "ready_line.hpp"
#include "site.hpp"
#include "trace_writer.hpp"

namespace agentpool::sim {

/// A run that was asked for.
struct kept_run {
  std::size_t number = 0;
  actors::run_request request;
  std::size_t engine = 0;
  run_life life;
  std::optional<actors::run_handle> handle;
  std::optional<actors::run_status> status;
  bool has_agent = false;
  bool starting = false;
  bool stuck = false;
  bool over = false;
  bool cancelled = false;   ///< By the world.
  std::uint64_t calls = 0;  ///< Of its agents, over all lives.
  latency thinking;
  std::uint64_t slow_times = 0;
};

/// A request from outside.
struct kept_ask {
  core::pool_id pool;
  core::command what;
  actors::callback<core::answer> then;
  std::size_t engine = 0;
};

/// A subscriber of the world's own.
struct kept_reader {
  core::pool_id pool;
  std::size_t engine = 0;
  std::optional<core::event_cursor> cursor;
  std::optional<actors::subscription> stream;
  bool stopped = false;
};

/// What stands behind a world.
class universe final : public world_view {
 public:
  universe(std::uint64_t seed, world_options options);
  ~universe() override;

  // world.cpp: what a world offers
  void register_agent(core::agent_id id, actors::agent_factory factory);
  void ask(kept_ask what);
  void add(std::unique_ptr<check> invariant);
  void add(observer& watcher) { watchers_.push_back(&watcher); }
  void sometimes(std::string name, std::function<bool(const world_view&)> holds);
  [[nodiscard]] std::set<std::string> unreached() const {
    std::set<std::string> names;
    for (const auto& [name, holds] : wanted_) names.insert(name);
    return names;
  }
  void at(std::chrono::nanoseconds when, std::function<void()> what);
  void violated(const std::string& check, std::string what);
  void close();

  // universe_steps.cpp: who is next
  world_end run(std::optional<std::chrono::nanoseconds> until);
  bool act();
  [[nodiscard]] std::chrono::nanoseconds now() const noexcept { return now_; }
  [[nodiscard]] origin present() const noexcept { return present_; }

  // universe_network.cpp: nodes and programs
  [[nodiscard]] append_fate on_registry(const engine_life& who);
  [[nodiscard]] bool has_network() const noexcept { return options_.network.nodes > 0; }
  [[nodiscard]] site& node(std::size_t number) { return *sites_.at(engines() + number); }

  // universe_engines.cpp: engines that live and die
  void give_birth(site& place);
  void crash(std::size_t engine, std::chrono::milliseconds down);
  [[nodiscard]] append_fate on_append(const engine_life& who,
                                      std::span<const core::append_request> requests);
  [[nodiscard]] bool on_read(const engine_life& who);
  void on_durable(const core::append_request& request);
  void on_checkpoint(site_life& life, const core::checkpoint_request& request, bool kept);

  // universe_seeing.cpp: what happens
  void on_handling(site_life& life, std::uint64_t actor, const caf::mailbox_element& what);
  void touch(const engine_life& who, std::uint64_t actor);
  void note(std::string_view name, std::string_view ids);
  template <class Tell>
  void tell(Tell tell) {
    for (auto* each : watchers_) tell(*each);
  }

  // universe_runs.cpp: runs
  void start_run(actors::run_request request, std::optional<std::size_t> engine);
  void begin(kept_run& run);
  void cancel_run(const core::run_id& run);
  void before_call(std::size_t run);
  void on_agent_made(std::size_t run);
  [[nodiscard]] injector& faults() noexcept { return faults_; }
  [[nodiscard]] bool is_life(const engine_life& who) const;

  // universe_reading.cpp: subscribers
  void read(const core::pool_id& pool);
  void stop_reading(std::size_t engine);

  // world_view
  [[nodiscard]] const sim::ledger& ledgers() const override { return ledgers_; }
  [[nodiscard]] std::uint64_t step() const override { return step_; }
  [[nodiscard]] std::chrono::microseconds elapsed() const override;
  [[nodiscard]] std::size_t engines() const override {
    return has_network() ? options_.network.programs : sites_.size();
  }
  [[nodiscard]] std::size_t sites() const override { return sites_.size(); }
  [[nodiscard]] std::vector<attendant> attendants() const override;
  [[nodiscard]] std::chrono::milliseconds grace() const override {
    return options_.network.node_limits.grace;
  }
  [[nodiscard]] std::optional<engine_life> life_of(std::size_t engine) const override;
  [[nodiscard]] core::instant wall(std::size_t engine) const override;
  [[nodiscard]] bool clocks_jumped() const override { return clocks_jumped_; }
  [[nodiscard]] std::optional<std::string> state_of(std::size_t engine,
                                                    const core::pool_id& pool) const override;
  [[nodiscard]] const std::vector<forgetting>& forgot(std::size_t engine,
                                                      const core::pool_id& pool) const override;
  [[nodiscard]] std::vector<run_view> runs() const override;
  [[nodiscard]] std::size_t count_runs() const override { return runs_.size(); }
  [[nodiscard]] bool reads(std::size_t engine, const core::pool_id& pool) const override;
  [[nodiscard]] const actors::engine_limits& limits() const override { return options_.limits; }
  [[nodiscard]] const core::pool_limits& pool_limits() const override {
    return options_.pool_limits;
  }
  [[nodiscard]] std::size_t entries_waiting(const core::run_id& run) const override;
  [[nodiscard]] std::size_t longest_mailbox(std::size_t engine,
                                            actors::actor_role role) const override {
    const auto& life = sites_.at(engine)->life;
    return life ? life->longest(role) : 0;
  }

  std::vector<violation> violations;
  std::vector<std::uint32_t> choices;
  std::set<std::string> reached;
  chance draws;

 private:
  // universe_steps.cpp
  void gather();
  void admit(site& place, caf::resumable* job, bool thought);
  void take_step(const ready_job& next);
  void after_step(const ready_job& done);
  void look_at(site& place, std::uint64_t actor);
  /// What came of letting time pass.
  enum class passage { went_on, not_so_far, idle };
  passage advance(std::optional<std::chrono::nanoseconds> until);
  [[nodiscard]] std::optional<std::chrono::nanoseconds> next_moment(bool polls) const;
  [[nodiscard]] std::optional<std::chrono::nanoseconds> next_timer(const site& place,
                                                                   bool polls) const;
  void move_to(std::chrono::nanoseconds moment);
  void due_now();
  [[nodiscard]] std::chrono::nanoseconds settling() const;

  // universe_network.cpp
  void build_network();
  void plan_network_faults();
  void found_engine(site& place, actors::engine_options made);
  void found_program(site& place, actors::engine_options made);
  void close(site& place);
  void freeze(site& place, std::chrono::milliseconds time);
  void keep_tokens(site& place);
  void gather_arrivals();
  void take_arrival(const ready_job& next);
  [[nodiscard]] bool counts(const site& node) const;
  /// The engine whose program has joined the run that the request acts as; else the one asked.
  [[nodiscard]] std::size_t asker_of(const kept_ask& what);

  // universe_engines.cpp
  [[nodiscard]] std::uint64_t store_of(std::size_t number) const noexcept {
    return has_network() ? number - options_.network.programs : number;
  }
  [[nodiscard]] std::size_t site_of_store(std::uint64_t number) const noexcept {
    return has_network() ? options_.network.programs + number : number;
  }
  void bury(site& place);
  void plan_faults();
  void rival(const core::pool_id& pool);
  void send_burst(std::uint64_t count);
  [[nodiscard]] std::uint64_t millis() const;

  // universe_seeing.cpp
  [[nodiscard]] static bool is_look(const site_life& life, const caf::mailbox_element& what,
                                    const origin& from);
  void see_request(site_life& life, const caf::mailbox_element& what, const origin& from);
  void see_published(site_life& life, const actors::actor_label& who,
                     const caf::mailbox_element& what);

  // universe_runs.cpp
  [[nodiscard]] std::chrono::nanoseconds holding(site& place, caf::scheduled_actor& actor);
  [[nodiscard]] std::chrono::nanoseconds think(kept_run& run, std::size_t calls);
  void look_at(kept_run& run);
  void begin_again(kept_run& run);
  [[nodiscard]] kept_run* find_run(const core::run_id& id);

  // universe_reading.cpp
  void subscribe(kept_reader& reader);
  void pull(kept_reader& reader, const engine_life& who);
  [[nodiscard]] bool is_before_horizon(const kept_reader& reader) const;

  // world.cpp
  void found_sites();
  void submit(std::uint64_t number);

  std::uint64_t seed_;
  world_options options_;
  injector faults_;
  std::shared_ptr<strategy> strategy_;
  std::vector<std::uint64_t> touched_;  ///< By this step, if anybody wants to know.
  std::unique_ptr<trace_writer> trace_;
  std::shared_ptr<stores::memory_log> log_ = std::make_shared<stores::memory_log>();
  sim::ledger ledgers_;
  std::map<core::pool_id, std::vector<forgetting>> forgot_;  ///< By what checkpoints are kept of.
  std::map<core::agent_id, actors::agent_factory> factories_;
  std::vector<std::unique_ptr<check>> checks_;
  std::vector<observer*> watchers_;
  std::map<std::string, std::function<bool(const world_view&)>> wanted_;

  std::chrono::nanoseconds now_{0};
  std::chrono::nanoseconds last_busy_{0};  ///< When somebody last did more than look around.
  std::uint64_t step_ = 0;
  origin present_;  ///< What is sent now comes from there.
  bool clocks_jumped_ = false;
  bool handled_ = false;  ///< In this step a message was handled.
  bool looking_ = false;  ///< In this step a store just looks for changes.
  ready_line ready_;
  std::map<std::pair<std::chrono::nanoseconds, std::uint64_t>, ready_job> thinking_;
  std::multimap<std::chrono::nanoseconds, std::function<void()>> agenda_;
  std::uint64_t last_thought_ = 0;

  std::vector<std::unique_ptr<kept_run>> runs_;
  std::map<core::run_id, std::size_t> run_numbers_;
  std::vector<std::unique_ptr<kept_reader>> readers_;
  std::map<std::uint64_t, kept_ask> asks_;  ///< Not answered yet.
  std::uint64_t last_ask_ = 0;
  std::uint64_t last_request_ = 0;
  std::uint64_t last_rival_ = 0;
  network net_;
  std::uint64_t last_mark_ = 0;
  std::map<std::uint64_t, origin> marks_;  ///< Of messages on their way.
  std::set<std::uint64_t> lined_up_;       ///< Arrivals that stand in `ready_`, by their keys.
  std::vector<std::uint64_t> pending_;
  std::map<core::run_id, std::size_t> joined_outside_;  ///< By whose program.
  std::vector<std::shared_ptr<site_life>> lives_;       ///< All of them: traces name the dead too.
  std::vector<std::unique_ptr<site>> sites_;            ///< Last: engines end before what they use.
};

}  // namespace agentpool::sim
