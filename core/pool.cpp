#include "agentpool/core/pool.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>
#include <tuple>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/json.hpp"
#include "decide.hpp"

namespace agentpool::core {

agent_error never_opened(const pool_id& pool) {
  return host_configuration_needed("the pool was never opened: open it first",
                                   {entity(entity_kind::agent_pool, pool.text())});
}

pool::pool(core::pool_id id, pool_limits limits)
    : state_{std::make_unique<pool_state>(std::move(id), limits)} {}

pool::~pool() = default;

pool::verdict pool::decide(const command& ask, instant now, const evidence& known) const {
  if (!std::holds_alternative<open_pool>(ask) && !is_opened()) return never_opened(state_->id);
  // Engines' clocks differ and may be set back. What the log says was due stays due for all.
  const auto latest = std::max(now, from_millis(state_->members.recorded_at_millis()));
  const situation at{*state_, latest, known};
  return std::visit([&](const auto& request) { return decide_on(request, at); }, ask);
}

bool pool::is_opened() const { return state_->members.config().has_value(); }

std::vector<published> pool::apply(const entry_ptr& fact) { return state_->apply(fact); }

void pool::apply(const inbox_ack& ack) { state_->apply(ack); }

std::vector<published> pool::try_out(const decision& decided) {
  std::vector<published> out;
  state_->begin_group();
  const auto take = [&](const entry_ptr& entry) {
    auto made = state_->apply(entry);
    out.insert(out.end(), std::make_move_iterator(made.begin()),
               std::make_move_iterator(made.end()));
  };
  if (decided.live) take(decided.live);
  for (const auto& entry : decided.entries) take(entry);
  for (const auto& ack : decided.acks) state_->apply(ack);
  state_->end_group();
  return out;
}

void pool::settle() { state_->settle(); }

void pool::take_back() { state_->take_back(); }

std::optional<checkpoint> pool::make_checkpoint(bool whole) {
  return state_->make_checkpoint(whole);
}

namespace {

agent_error bad_checkpoint(const pool_state& state, const char* why) {
  return store_corrupt(std::string{"the pool's checkpoint is of no use: "} + why,
                       {entity(entity_kind::agent_pool, state.id.text())});
}

}  // namespace

outcome<std::vector<std::uint64_t>> pool::restore(const checkpoint& from) {
  try {
    return state_->restore(from);
  } catch (const packed_fault& fault) {
    return bad_checkpoint(*state_, fault.what());
  } catch (const bad_identifier& fault) {
    return bad_checkpoint(*state_, fault.what());
  }
}

outcome<void> pool::restore_records(std::span<const entry_ptr> records) {
  try {
    state_->restore(records);
    return {};
  } catch (const packed_fault& fault) {
    return bad_checkpoint(*state_, fault.what());
  }
}

std::optional<horizon> pool::mark() const { return state_->mark(); }

std::vector<std::uint64_t> pool::forget(const horizon& at) { return state_->forget(at); }

past_place pool::begins() const { return state_->begins; }

log_position pool::position() const noexcept { return state_->members.position(); }

stamp pool::events_floor() const noexcept { return state_->events_floor; }

past_place pool::place_before(stamp after) const { return state_->place_before(after); }

void pool::step_past(past_place& place, const entry_ptr& entry, std::vector<published>& out) const {
  state_->step_past(place, entry, out);
}

std::optional<instant> pool::next_due() const { return state_->next_due(); }

const core::pool_id& pool::id() const noexcept { return state_->id; }

const roll& pool::members() const noexcept { return state_->members; }

std::uint64_t pool::joined(const run_id& run) const {
  if (state_->members.member(run) == nullptr) return 0;
  return state_->run(run)->joined;
}

std::uint64_t pool::acked(const run_id& run) const {
  const auto* state = state_->run(run);
  return state == nullptr ? 0 : state->acked;
}

namespace {

template <class Map>
auto sorted(const Map& map) {
  std::map<typename Map::key_type, const typename Map::mapped_type*> in_order;
  for (const auto& [key, value] : map) in_order.emplace(key, &value);
  return in_order;
}

void print(std::ostream& out, const roll& members) {
  const auto at = members.position();
  out << at.sequence << ' ' << at.host_events << ' ' << members.number() << ' '
      << members.last().event_seq << ' ' << members.created() << ' ' << members.recorded_at_millis()
      << '\n';
  if (members.config()) out << to_json(*members.config()) << '\n';
  for (const auto& member : members.members()) out << to_json(member) << '\n';
  for (const auto& topic : members.topics()) {
    out << topic.text();
    for (const auto* member : *members.with_topic(topic)) out << ' ' << member->run_id.text();
    out << '\n';
  }
}

void print(std::ostream& out, const record_index& index) {
  for (const auto& slot : index.slots())
    out << slot.names().id << ' ' << slot.names().key << ' ' << slot.sequence() << ' '
        << static_cast<int>(slot.status()) << '\n';
}

void print(std::ostream& out, const pool_state& state, const run_id& id, const run_state& run) {
  out << id.text() << " joined " << run.joined << " acked " << run.acked << " inbox";
  for (const auto sequence : run.dealings->inbox) out << ' ' << sequence;
  for (const auto& [print, at] : run.dealings->woken)
    out << ' ' << print.text() << '@' << at.event_seq << '.' << at.live_ordinal;
  for (const auto* wake : state.waiting(id)) out << ' ' << wake->id();
  out << '\n';
}

/// The timeouts by time; those of one moment messages first, by id.
void print_dues(std::ostream& out, const pool_state& state) {
  std::set<std::tuple<instant, bool, std::string_view>> dues;
  for (const auto& [at, message] : state.dues) dues.emplace(at, false, message.text());
  for (const auto& [at, wake] : state.wake_dues)
    dues.emplace(at, true, state.open_wakes.at(wake).id());
  for (const auto& [at, of_wake, id] : dues) out << to_millis(at) << ' ' << id << '\n';
}

}  // namespace

std::string pool::fingerprint() const {
  std::ostringstream out;
  print(out, state_->members);
  print(out, state_->messages);
  print(out, state_->wakes);
  for (const auto& [id, contract] : sorted(state_->contracts)) {
    out << id.text() << " replies " << contract->replies << " silent";
    for (const auto& run : contract->silent) out << ' ' << run.text();
    out << '\n';
  }
  std::map<std::string_view, std::uint64_t> wakes;
  for (const auto& [sequence, wake] : state_->open_wakes) wakes.emplace(wake.id(), sequence);
  for (const auto& [id, sequence] : wakes) out << id << ' ' << sequence << '\n';
  for (const auto& [id, run] : sorted(state_->runs)) print(out, *state_, id, *run);
  print_dues(out, *state_);
  return out.str();
}

}  // namespace agentpool::core
