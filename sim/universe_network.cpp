// Nodes and programs, and the network between them.
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>

#include "agentpool/core/acting_run.hpp"
#include "agentpool/core/placement.hpp"
#include "describe_remote.hpp"
#include "universe.hpp"

namespace agentpool::sim {

using std::chrono::milliseconds;

namespace {

/// Every dial depends on every other: connections are numbered as they come.
constexpr std::uint64_t dials = 1;

/// Keys of arrivals are none of actors.
constexpr std::uint64_t arrivals = std::uint64_t{1} << 63U;

constexpr std::uint16_t port = 7000;

}  // namespace

actors::remote::node_limits quick_node_limits() {
  actors::remote::node_limits limits;
  limits.grace = milliseconds{1'500};
  limits.lease = milliseconds{300};
  limits.retry_after = milliseconds{50};
  // All programs of a world are one process.
  limits.sessions_each_max = limits.sessions_max;
  return limits;
}

actors::remote::client_limits quick_client_limits() {
  actors::remote::client_limits limits;
  limits.request_wait = milliseconds{3'000};
  limits.greeting_max = milliseconds{400};
  limits.backoff_least = milliseconds{10};
  limits.backoff_most = milliseconds{200};
  return limits;
}

void universe::build_network() {
  net_.watch({[this] {
                marks_.emplace(++last_mark_, present_);
                return last_mark_;
              },
              [this] {
                if (options_.touched) touched_.push_back(dials);
              }});
}

// ---- lives ------------------------------------------------------------------------------------

void universe::found_engine(site& place, actors::engine_options made) {
  // What runs ask is held where they live, and so where they are behind a connection.
  if (place.kind == site_kind::node) made.limits.beyond_requests = actors::beyond_limit::hold;
  place.on_store = std::make_unique<actors::engine>(
      std::make_unique<fault_store>(place.life, log_, options_.keeps_checkpoints), made);
  place.engine = place.on_store.get();
  place.steps().clock().current_time += now_;
  if (place.kind != site_kind::node) return;
  actors::remote::node_options with;
  with.name = place.name;
  with.limits = options_.network.node_limits;
  with.clock = place.clock;
  with.watch = place.life;
  place.hosting = std::make_unique<actors::remote::node>(
      *place.engine, net_.host(place.name, place.engine->system()), std::move(with));
  place.hosting->start([](const auto&) {});
}

void universe::found_program(site& place, actors::engine_options made) {
  actors::remote::client_options with;
  for (std::size_t i = 0; i < options_.network.nodes; ++i)
    with.nodes.push_back(node(i).name + ":" + std::to_string(port));
  with.program = place.name;
  with.limits = options_.network.client_limits;
  with.engine = std::move(made);
  with.network = [this, &place](caf::actor_system& system) {
    return net_.host(place.name, system);
  };
  with.make_token = [&place] {
    const auto number = std::to_string(++place.tokens_made);
    return "token." + place.name + "." + std::string(32 - number.size(), '0') + number;
  };
  with.seed = chance::of(seed_, "program." + place.name + "." + std::to_string(place.lives)).next();
  place.program = std::move(*actors::remote::client::make(std::move(with)));
  place.engine = &place.program->pools();
  place.steps().clock().current_time += now_;
  for (const auto& [whose, token] : place.tokens)
    place.program->present(whose.first, whose.second, token);
}

/// The process is no more: what it does while its memory is given back reaches nobody.
void universe::close(site& place) {
  if (place.kind != site_kind::engine) net_.die(place.name);
  if (place.program) keep_tokens(place);
  auto& system = place.engine->system();
  place.engine = nullptr;
  if (place.hosting) place.hosting->close(milliseconds{0});
  place.hosting.reset();
  place.program ? place.program->close() : place.on_store->close();
  if (const auto left = system.registry().running(); left > 0) {
    violated("endings", place.name + " has ended, and " + std::to_string(left) +
                            " of its actors have not: a process would wait for them for good");
    static_cast<void>(place.program.release());
    static_cast<void>(place.on_store.release());
  }
  place.program.reset();
  place.on_store.reset();
}

void universe::keep_tokens(site& place) {
  place.tokens.clear();
  const auto keep = [&](const core::pool_id& pool, const core::run_id& run) {
    if (auto token = place.program->token(pool, run))
      place.tokens.insert_or_assign({pool, run}, *std::move(token));
  };
  for (const auto& run : runs_)
    if (run->engine == place.number) keep(run->request.pool_id, run->request.run_id);
  for (const auto& [run, program] : joined_outside_)
    for (const auto& [pool, log] : ledgers_)
      if (program == place.number) keep(pool, run);
}

std::size_t universe::asker_of(const kept_ask& what) {
  const auto* run = core::acting_run(what.what);
  if (run == nullptr) return what.engine;
  if (const auto* known = find_run(*run)) return known->engine;
  if (std::holds_alternative<core::join_run>(what.what))
    joined_outside_.try_emplace(*run, what.engine);
  const auto found = joined_outside_.find(*run);
  return found == joined_outside_.end() ? what.engine : found->second;
}

// ---- faults -----------------------------------------------------------------------------------

append_fate universe::on_registry(const engine_life& who) {
  auto& place = *sites_[who.engine];
  touch(who, 0);
  const auto orders = faults_.on_registry(store_of(who.engine), ++place.registry_writes, millis());
  if (orders.fate == append_fate::dies_before || orders.fate == append_fate::dies_after) {
    place.dying = true;
    place.down = orders.down;
  }
  if (orders.fate == append_fate::refused) note("registry_refused", "");
  if (orders.fate == append_fate::answer_lost) note("registry_answer_lost", "");
  return orders.fate;
}

/// It acts again when the time has passed; what came for it meanwhile waits.
void universe::freeze(site& place, milliseconds time) {
  if (place.engine == nullptr || place.frozen) return;
  place.frozen = true;
  net_.freeze(place.name);
  auto& jobs = place.steps().jobs;
  ready_.take_of(place.number, [&](const ready_job& job) { jobs.push_back(job.job); });
  note("frozen", "\"host\":\"" + place.name + "\"");
  at(now_ + time, [this, &place, life = place.life] {
    if (place.life != life) return;
    note("thawed", "\"host\":\"" + place.name + "\"");
    place.frozen = false;
    net_.thaw(place.name);
  });
}

namespace {

milliseconds millis_of(std::uint64_t count) {
  return milliseconds{static_cast<std::int64_t>(count)};
}

}  // namespace

void universe::plan_network_faults() {
  const auto when = [this](std::uint64_t millis, const fault& each, auto what) {
    at(millis_of(millis), [this, &each, what] {
      faults_.meet(each);
      what();
    });
  };
  const auto between = [this](const auto& what, auto act) {
    return [this, &what, act] {
      const auto& one = node(what.node).name;
      const auto& other = sites_.at(what.program)->name;
      note(what.type, "\"node\":\"" + one + "\",\"program\":\"" + other + "\"");
      act(one, other);
    };
  };
  for (const auto& each : faults_.plan().faults) {
    if (const auto* cut = std::get_if<cut_network>(&each)) {
      when(cut->at_millis, each, between(*cut, [this, cut](const auto& one, const auto& other) {
             net_.cut(one, other);
             at(now_ + millis_of(cut->for_millis), [this, &one, &other] { net_.heal(one, other); });
           }));
    } else if (const auto* reset = std::get_if<reset_network>(&each)) {
      when(reset->at_millis, each,
           between(*reset, [this](const auto& one, const auto& other) { net_.reset(one, other); }));
    } else if (const auto* stall = std::get_if<stall_network>(&each)) {
      when(stall->at_millis, each,
           between(*stall, [this, stall](const auto& one, const auto& other) {
             net_.hold(one, other);
             at(now_ + millis_of(stall->for_millis),
                [this, &one, &other] { net_.let_go(one, other); });
           }));
    } else if (const auto* still = std::get_if<freeze_node>(&each)) {
      when(still->at_millis, each,
           [this, still] { freeze(node(still->node), millis_of(still->for_millis)); });
    } else if (const auto* idle = std::get_if<freeze_program>(&each)) {
      when(idle->at_millis, each,
           [this, idle] { freeze(*sites_.at(idle->program), millis_of(idle->for_millis)); });
    } else if (const auto* dies = std::get_if<crash_program>(&each)) {
      when(dies->at_millis, each, [this, dies] {
        crash(dies->program, millis_of(dies->down_millis));
        if (dies->forgets) sites_.at(dies->program)->tokens.clear();
      });
    }
  }
}

// ---- what arrives -----------------------------------------------------------------------------

/// Each direction of a connection stands in the line as an actor does that has messages.
void universe::gather_arrivals() {
  net_.pending(pending_);
  const auto is_pending = [this](std::uint64_t key) {
    return std::find(pending_.begin(), pending_.end(), key) != pending_.end();
  };
  if (std::erase_if(lined_up_, [&](std::uint64_t key) { return !is_pending(key); }) > 0)
    ready_.take_if(
        [this](const ready_job& job) {
          return job.arrival > 0 && !lined_up_.contains(job.arrival);
        },
        [](const ready_job&) {});
  for (const auto key : pending_)
    if (lined_up_.insert(key).second) ready_.add({nullptr, no_engine, 0, key}, arrivals | key);
}

/// What a message leads to has the step in which it was sent as its cause.
void universe::take_arrival(const ready_job& next) {
  const auto what = net_.step(next.arrival);
  lined_up_.erase(next.arrival);
  ++step_;
  last_busy_ = now_;
  touched_.clear();
  if (options_.touched) touched_.push_back(arrivals | next.arrival);
  present_ = {};
  if (const auto sent = marks_.extract(what.mark)) present_ = sent.mapped();
  const bool found_out = what.what == network_step::kind::notice;
  if (trace_)
    note(found_out ? "connection_lost" : "arrived",
         "\"connection\":" + std::to_string(what.connection) + ",\"from\":\"" + what.from +
             "\",\"to\":\"" + what.to + "\"" +
             (found_out ? "" : ",\"message\":\"" + std::string{short_name(what.message)} + "\""));
  net_.take_key(next.arrival);
  present_ = {};
}

/// The other nodes think that it is there: it could write its lease in time.
bool universe::counts(const site& node) const {
  stores::memory_store store{log_};
  const auto rows = store.read_registry({std::string{core::node_space}, node.name});
  if (!rows || rows->empty()) return false;
  const auto lease = core::node_of(rows->front());
  return lease && core::from_millis(lease->expires_at_millis) > node.clock->now();
}

std::vector<attendant> universe::attendants() const {
  std::vector<attendant> all;
  for (const auto& place : sites_) {
    if (place->kind != site_kind::program || place->engine == nullptr) continue;
    for (const auto& [pool, look] : place->life->standins()) {
      auto seen = look();
      attendant one{place->number, pool, std::move(seen.seated), false};
      const auto host = seen.endpoint.substr(0, seen.endpoint.find(':'));
      const auto at = std::find_if(sites_.begin(), sites_.end(),
                                   [&](const auto& known) { return known->name == host; });
      one.reaches = at != sites_.end() && (*at)->engine != nullptr && counts(**at) &&
                    net_.flows(host, place->name) && net_.connected(host, place->name);
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace agentpool::sim
