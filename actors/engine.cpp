#include "agentpool/actors/engine.hpp"

#include <algorithm>
#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "actors/contained.hpp"
#include "actors/pool_ports.hpp"
#include "actors/ports.hpp"
#include "actors/run.hpp"
#include "actors/sharing.hpp"
#include "actors/stored_pools.hpp"
#include "agentpool/actors/blocking.hpp"
#include "agentpool/actors/pool_source.hpp"
#include "agentpool/actors/system_clock.hpp"
#include "agentpool/actors/watched.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"
#include "agentpool/messages/type_ids.hpp"

namespace agentpool::actors {

namespace {

class system_config final : public caf::actor_system_config {
 public:
  system_config(const engine_options& options, bool store_blocks) {
    messages::add_to(*this);
    if (options.configure) options.configure(*this);
    if (options.schedule == scheduling::stepped) {
      set("scheduler.policy", caf::atom("testing"));
      return;
    }
    module_factories.emplace_back(sharing);
    const std::size_t cores = std::max(2U, std::thread::hardware_concurrency());
    const std::size_t workers = options.worker_threads == 0 ? cores : options.worker_threads;
    set("scheduler.max-threads", workers + (store_blocks ? 1 : 0));
    set("scheduler.max-throughput", messages_a_turn);
  }
};

/// The runs that have not ended, so that one run id is not used twice.
class run_registry {
 public:
  /// Why it may not start; none when it may.
  std::optional<core::agent_error> add(const std::shared_ptr<run_port>& run, std::size_t most) {
    const std::lock_guard guard{lock_};
    if (runs_.contains(run->id()))
      return core::invalid_transition("run_id is in use by a run that has not ended: use another",
                                      {core::entity(core::entity_kind::run, run->id().text())});
    if (runs_.size() >= most)
      return core::overloaded("too many runs have not ended (runs_max " + std::to_string(most) +
                              "): start it later");
    runs_.insert(run);
    return std::nullopt;
  }
  void remove(const core::run_id& run) {
    const std::lock_guard guard{lock_};
    if (const auto found = runs_.find(run); found != runs_.end()) runs_.erase(found);
  }
  [[nodiscard]] std::vector<std::shared_ptr<run_port>> all() const {
    const std::lock_guard guard{lock_};
    return {runs_.begin(), runs_.end()};
  }

 private:
  struct by_id {
    using is_transparent = void;
    static const core::run_id& id(const core::run_id& run) { return run; }
    static const core::run_id& id(const std::shared_ptr<run_port>& run) { return run->id(); }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return id(a) < id(b);
    }
  };

  mutable std::mutex lock_;
  std::set<std::shared_ptr<run_port>, by_id> runs_;
};

/// The one kind of answer that a question to the store has.
template <class T, class Then>
callback<messages::store_answer> only(Then then) {
  return [then = std::move(then)](core::outcome<messages::store_answer> what) {
    if (!what) return then(core::outcome<T>{what.error()});
    then(core::outcome<T>{std::get<T>(std::move(*what))});
  };
}

engine_options with_clock(engine_options options) {
  if (!options.clock) options.clock = std::make_shared<system_clock>();
  return options;
}

}  // namespace

class engine::parts {
 public:
  parts(bool blocks, const pool_source_factory& pools, engine_options options)
      : options_{with_clock(std::move(options))},
        config_{options_, blocks},
        system_{config_},
        source_{pools(system_, options_)},
        pools_{std::make_shared<pool_ports>(*source_, options_.limits)} {
    around_runs_ = std::make_shared<const run_surroundings>(
        run_surroundings{options_.clock, options_.limits,
                         [runs = runs_](const core::run_id& run) { runs->remove(run); }});
  }
  ~parts() { close(); }

  std::shared_ptr<pool_port> port(const core::pool_id& id) { return pools_->port(id); }
  std::vector<pool_handle> in_use() const;
  void register_agent(core::agent_id id, agent_factory factory);
  void start_run(run_request request, callback<run_handle> then);
  void ask_store(messages::store_question ask, callback<messages::store_answer> then);
  void keep_content(std::string bytes, callback<core::content_ref> then);
  void close();
  caf::actor_system& system() { return system_; }

 private:
  [[nodiscard]] core::outcome<agent_factory> factory_of(const core::agent_id& id) const;
  [[nodiscard]] std::optional<core::agent_error> refused_by_store();
  template <class Handle>
  void end(const std::vector<Handle>& actors);
  void drain();

  engine_options options_;
  system_config config_;
  caf::actor_system system_;
  std::unique_ptr<pool_source> source_;
  std::shared_ptr<pool_ports> pools_;
  mutable std::mutex lock_;
  std::map<core::agent_id, agent_factory> factories_;
  std::shared_ptr<run_registry> runs_ = std::make_shared<run_registry>();
  std::shared_ptr<const run_surroundings> around_runs_;
  std::shared_ptr<std::atomic<std::size_t>> store_asks_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  /// Bytes of contents that are not kept yet.
  std::shared_ptr<std::atomic<std::size_t>> content_bytes_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

std::vector<pool_handle> engine::parts::in_use() const {
  std::vector<pool_handle> handles;
  for (const auto& port : pools_->all()) handles.emplace_back(port);
  return handles;
}

void engine::parts::register_agent(core::agent_id id, agent_factory factory) {
  const std::lock_guard guard{lock_};
  factories_.insert_or_assign(std::move(id), std::move(factory));
}

core::outcome<agent_factory> engine::parts::factory_of(const core::agent_id& id) const {
  const std::lock_guard guard{lock_};
  const auto found = factories_.find(id);
  if (found != factories_.end()) return found->second;
  return core::host_configuration_needed("no such agent: register it first",
                                         {core::entity(core::entity_kind::agent, id.text())});
}

void engine::parts::start_run(run_request request, callback<run_handle> then) {
  auto factory = factory_of(request.agent_id);
  if (!factory) return then(factory.error());
  auto pool = port(request.pool_id);
  if (!pool->pool())
    return pool->ask(core::list_members{}, {}, [then](auto what) { then(what.error()); });
  auto run = std::make_shared<run_port>(request.run_id, pool);
  if (const auto refused = runs_->add(run, options_.limits.runs_max)) return then(*refused);
  auto started = std::make_shared<messages::reply<run_handle>>(std::move(then));
  const actor_label who{actor_role::run, request.pool_id, request.run_id};
  run->hold(spawn_watched(
      system_, options_.watch, who, member_run,
      run_setup{std::move(request), std::move(*factory), around_runs_, run, std::move(started)}));
}

/// Counts a request of the store, or says why there can be none.
std::optional<core::agent_error> engine::parts::refused_by_store() {
  if (pools_->closed()) return messages::closed();
  const auto most = options_.limits.requests_max;
  if (store_asks_->fetch_add(1) < most) return std::nullopt;
  store_asks_->fetch_sub(1);
  return core::overloaded("too many requests of the store are not answered yet (requests_max " +
                          std::to_string(most) + "): repeat later");
}

void engine::parts::ask_store(messages::store_question ask, callback<messages::store_answer> then) {
  if (auto refused = refused_by_store()) return then(*std::move(refused));
  auto call = std::make_shared<messages::store_call>();
  call->ask = std::move(ask);
  call->back = decltype(call->back){contained(std::move(then))};
  call->back.before([asks = store_asks_] { asks->fetch_sub(1); });
  source_->ask_store(std::move(call));
}

/// The name is made here, on the caller's thread. Of bytes there may be one content too many.
void engine::parts::keep_content(std::string bytes, callback<core::content_ref> then) {
  const auto size = bytes.size();
  if (auto refused = refused_by_store()) return then(*std::move(refused));
  const auto most = options_.limits.content_waiting_bytes;
  if (content_bytes_->fetch_add(size) >= most) {
    content_bytes_->fetch_sub(size);
    store_asks_->fetch_sub(1);
    return then(
        core::overloaded("too many bytes of contents are not kept yet (content_waiting_bytes " +
                         std::to_string(most) + "): repeat later"));
  }
  auto call = std::make_shared<messages::content_call>(
      messages::content_call{core::content{std::move(bytes)}, {}, {}});
  call->back = decltype(call->back){contained(std::move(then))};
  call->back.before([asks = store_asks_, waiting = content_bytes_, size] {
    asks->fetch_sub(1);
    waiting->fetch_sub(size);
  });
  source_->keep_content(std::move(call));
}

/// Tells the actors to end and waits until they have.
template <class Handle>
void engine::parts::end(const std::vector<Handle>& actors) {
  for (const auto& actor : actors) caf::anon_send(actor, messages::closing{});
  if (options_.schedule == scheduling::stepped) return drain();
  caf::scoped_actor self{system_};
  for (const auto& actor : actors) self->wait_for(actor);
}

void engine::parts::drain() {
  auto& steps = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  while (steps.try_run_once()) {
  }
}

/// Runs first, since they act on pools; pools once what they decided is durable; the store last.
void engine::parts::close() {
  if (pools_->closed()) return;
  const auto pools = pools_->close();
  std::vector<messages::member_run_actor> runs;
  for (const auto& run : runs_->all()) {
    if (auto actor = run->actor()) runs.push_back(std::move(actor));
    run->close();
  }
  end(runs);
  std::vector<messages::pool_actor> pool_actors;
  std::vector<messages::journal_actor> journals;
  for (const auto& port : pools) {
    pool_actors.push_back(port->pool());
    journals.push_back(port->journal());
    port->close();
  }
  end(pool_actors);
  end(journals);
  end(source_->last());
  if (options_.schedule != scheduling::stepped) return;
  auto& steps = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  while (steps.trigger_timeout()) drain();
}

// ---- the engine -------------------------------------------------------------------------------

engine::engine(std::unique_ptr<core::store_backend> backend, engine_options options) {
  const bool blocks = backend->blocks();
  const auto pools = [&](caf::actor_system& system, const engine_options& with) {
    return stored_pools(system, with, std::move(backend));
  };
  parts_ = std::make_unique<parts>(blocks, pools, std::move(options));
}

engine::engine(const pool_source_factory& pools, engine_options options)
    : parts_{std::make_unique<parts>(false, pools, std::move(options))} {}

engine::~engine() = default;

pool_handle engine::pool(const core::pool_id& id) { return pool_handle{parts_->port(id)}; }

std::vector<pool_handle> engine::pools_in_use() { return parts_->in_use(); }

core::outcome<pool_handle> engine::open_pool(const core::pool_id& id, core::pool_config config) {
  auto handle = pool(id);
  const auto opened = handle.open(std::move(config), true);
  if (!opened) return opened.error();
  return handle;
}

core::outcome<std::vector<core::pool_id>> engine::list_pools() {
  using ids = std::vector<core::pool_id>;
  return blocking<ids>([this](callback<ids> then) { list_pools(std::move(then)); });
}

void engine::list_pools(callback<std::vector<core::pool_id>> then) {
  parts_->ask_store(messages::list_pools{}, only<std::vector<core::pool_id>>(std::move(then)));
}

void engine::write_registry(std::vector<core::registry_write> writes,
                            callback<std::vector<core::registry_written>> then) {
  parts_->ask_store(messages::write_registry{std::move(writes)},
                    only<std::vector<core::registry_written>>(std::move(then)));
}

void engine::read_registry(core::registry_query query,
                           callback<std::vector<core::registry_row>> then) {
  parts_->ask_store(std::move(query), only<std::vector<core::registry_row>>(std::move(then)));
}

core::outcome<core::content_ref> engine::put_content(std::string bytes) {
  return blocking<core::content_ref>(
      [&](callback<core::content_ref> then) { put_content(std::move(bytes), std::move(then)); });
}

void engine::put_content(std::string bytes, callback<core::content_ref> then) {
  parts_->keep_content(std::move(bytes), std::move(then));
}

core::outcome<std::optional<std::string>> engine::get_content(core::content_ref name) {
  using found = std::optional<std::string>;
  return blocking<found>(
      [&](callback<found> then) { get_content(std::move(name), std::move(then)); });
}

void engine::get_content(core::content_ref name, callback<std::optional<std::string>> then) {
  parts_->ask_store(messages::read_content{std::move(name)},
                    only<std::optional<std::string>>(std::move(then)));
}

void engine::register_agent(core::agent_id id, agent_factory factory) {
  parts_->register_agent(std::move(id), std::move(factory));
}

core::outcome<run_handle> engine::start_run(run_request request) {
  return blocking<run_handle>(
      [&](callback<run_handle> then) { start_run(std::move(request), std::move(then)); });
}

void engine::start_run(run_request request, callback<run_handle> then) {
  parts_->start_run(std::move(request), std::move(then));
}

core::outcome<engine_counters> engine::counters() {
  return blocking<engine_counters>([this](callback<engine_counters> then) {
    parts_->ask_store(messages::read_tally{},
                      only<messages::store_tally>([then = std::move(then)](auto tally) {
                        if (!tally) return then(tally.error());
                        then(engine_counters{tally->messages, tally->wakes, tally->commits});
                      }));
  });
}

void engine::close() { parts_->close(); }

caf::actor_system& engine::system() { return parts_->system(); }

}  // namespace agentpool::actors
