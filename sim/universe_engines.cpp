// Engines that live and die, and what their stores do.
#include <algorithm>

#include "agentpool/core/addressing.hpp"
#include "universe.hpp"

namespace agentpool::sim {

using std::chrono::milliseconds;

std::uint64_t universe::millis() const {
  return static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(now_).count());
}

void universe::give_birth(site& place) {
  place.life =
      std::make_shared<site_life>(*this, engine_life{place.number, ++place.lives}, place.name);
  lives_.push_back(place.life);
  place.life->forgot = forgot_;
  place.dying = place.frozen = false;
  actors::engine_options made;
  made.clock = place.clock;
  made.limits = options_.limits;
  made.pool_limits = options_.pool_limits;
  made.schedule = actors::scheduling::stepped;
  made.watch = place.life;
  place.kind == site_kind::program ? found_program(place, made) : found_engine(place, made);
  if (place.kind != site_kind::node)
    for (const auto& [id, factory] : factories_) place.engine->register_agent(id, factory);
  if (place.lives == 1) return;
  note("engine_started", "\"engine\":" + std::to_string(place.number));
  tell([&](observer& each) { each.on_restarted(place.life->who()); });
  for (const auto& [number, what] : asks_)
    if (what.engine == place.number) submit(number);
  for (auto& reader : readers_)
    if (reader->engine == place.number) subscribe(*reader);
  for (auto& run : runs_)
    if (run->engine == place.number && !run->over) begin(*run);
}

void universe::crash(std::size_t engine, milliseconds down) {
  auto& place = *sites_.at(engine);
  if (place.engine == nullptr) return;
  place.life->die();
  place.down = down;
  bury(place);
}

/// What was not durable is gone, and nobody hears anything of this life any more.
void universe::bury(site& place) {
  const auto who = place.life->who();
  place.life->die();
  auto& jobs = place.steps().jobs;
  ready_.take_of(place.number, [&](const ready_job& job) { jobs.push_back(job.job); });
  for (auto next = thinking_.begin(); next != thinking_.end();) {
    const auto thought = next++;
    if (thought->second.engine != place.number) continue;
    jobs.push_back(thought->second.job);
    thinking_.erase(thought);
  }
  note("engine_died", "\"engine\":" + std::to_string(place.number));
  close(place);
  for (auto& run : runs_) {
    if (run->engine != place.number) continue;
    run->has_agent = false;
    run->starting = false;
    run->stuck = false;
    run->handle.reset();
  }
  for (auto& reader : readers_)
    if (reader->engine == place.number) reader->stream.reset();
  tell([&](observer& each) { each.on_crashed(who); });
  place.dying = false;
  at(now_ + place.down, [this, &place] { give_birth(place); });
}

append_fate universe::on_append(const engine_life& who,
                                std::span<const core::append_request> requests) {
  auto& place = *sites_[who.engine];
  if (sites_.size() > 1) touch(who, 0);
  const auto orders = faults_.on_append(store_of(who.engine), ++place.appends, millis());
  if (orders.rival_first && !requests.empty()) rival(requests.front().pool_id);
  if (orders.fate == append_fate::dies_before || orders.fate == append_fate::dies_after) {
    place.dying = true;
    place.down = orders.down;
  }
  if (orders.fate == append_fate::refused) note("append_refused", "");
  if (orders.fate == append_fate::answer_lost) note("answer_lost", "");
  return orders.fate;
}

bool universe::on_read(const engine_life& who) {
  if (sites_.size() > 1) touch(who, 0);
  return faults_.read_fails(store_of(who.engine), ++sites_[who.engine]->reads);
}

void universe::on_durable(const core::append_request& request) {
  auto& pool = ledgers_[request.pool_id];
  for (const auto& entry : request.entries) {
    const auto published = pool.add(entry);
    tell([&](observer& each) { each.on_recorded(request.pool_id, entry, published); });
  }
  for (const auto& ack : request.acks) {
    pool.add(ack);
    tell([&](observer& each) { each.on_acknowledged(request.pool_id, ack); });
  }
}

/// A pool forgets with nothing in flight, right before it makes the checkpoint that says so.
void universe::on_checkpoint(site_life& life, const core::checkpoint_request& request, bool kept) {
  auto& forgot = life.forgot[request.pool_id];
  if (request.begins)
    forgot.push_back({request.begins->at, request.begins->event_seq, request.what.at,
                      ledgers_[request.pool_id].acknowledged()});
  if (kept) forgot_[request.pool_id] = forgot;
}

/// Another program appends: a run of its own joins.
void universe::rival(const core::pool_id& id) {
  const auto found = ledgers_.find(id);
  if (found == ledgers_.end() || !found->second.members().config()) return;
  core::pool pool{id};
  for (const auto& entry : found->second.entries()) static_cast<void>(pool.apply(entry));
  const auto name = "run.rival." + std::to_string(++last_rival_);
  core::pool_member member{core::run_id{name}, core::agent_id{"agent.rival"}, {}, {}};
  const auto verdict = pool.decide(core::join_run{member}, sites_[0]->clock->now());
  const auto* decided = std::get_if<core::decision>(&verdict);
  if (decided == nullptr) return;
  stores::memory_store store{log_};
  core::append_request request{id, pool.position(), decided->entries, decided->acks};
  note("rival_append", "\"pool\":\"" + id.text() + "\"");
  if (store.append({&request, 1})) on_durable(request);
}

/// Puts the faults that have a time on the agenda.
void universe::plan_faults() {
  const auto when = [](std::uint64_t millis) {
    return milliseconds{static_cast<std::int64_t>(millis)};
  };
  for (const auto& each : faults_.plan().faults) {
    if (const auto* what = std::get_if<crash_at_time>(&each)) {
      at(when(what->at_millis), [this, &each, what, when] {
        const auto number = site_of_store(what->engine);
        if (sites_[number]->engine != nullptr) faults_.meet(each);
        crash(number, when(what->down_millis));
      });
    } else if (const auto* jump = std::get_if<jump_clock>(&each)) {
      at(when(jump->at_millis), [this, &each, jump] {
        faults_.meet(each);
        note("clock_jumped", "\"by_millis\":" + std::to_string(jump->by_millis));
        clocks_jumped_ = true;
        sites_[site_of_store(jump->engine)]->clock->jump(milliseconds{jump->by_millis});
      });
    } else if (const auto* lazy = std::get_if<sim::stop_reading>(&each)) {
      at(when(lazy->at_millis), [this, &each, lazy] {
        faults_.meet(each);
        stop_reading(lazy->engine % engines());
      });
    } else if (const auto* many = std::get_if<burst>(&each)) {
      at(when(many->at_millis), [this, &each, many] {
        faults_.meet(each);
        send_burst(many->count);
      });
    }
  }
}

/// From a member of each pool to all others.
void universe::send_burst(std::uint64_t count) {
  for (const auto& [id, pool] : ledgers_) {
    if (pool.members().members().empty()) continue;
    const auto& from = pool.members().members().begin()->run_id;
    for (std::uint64_t i = 0; i < count; ++i) {
      core::run_message message;
      const auto name = "burst." + std::to_string(millis()) + "." + std::to_string(i);
      message.message_id = core::message_id{name};
      message.idempotency_key = core::idempotency_key{name};
      message.from = from;
      message.to = core::address_of(core::to_pool{id});
      message.content_ref = core::content_ref{"content.burst"};
      ask({id, core::send_message{std::move(message)}, {}, i % engines()});
    }
  }
}

}  // namespace agentpool::sim
