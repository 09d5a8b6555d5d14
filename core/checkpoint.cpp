// A pool's state as a checkpoint and back. Messages, wakes and inboxes stand in parts, since of
// them only what is new has to be written again; all else in the head.
#include "agentpool/core/checkpoint.hpp"

#include <algorithm>
#include <utility>

#include "packed.hpp"
#include "pool_state.hpp"

namespace agentpool::core {

namespace {

/// Raised when the form changes; kinds and statuses stand in it as numbers, whose order is fixed.
constexpr std::uint64_t form = 2;

packed_reader opened(std::string_view sealed) {
  auto in = packed_reader::checked(sealed);
  if (in.fixed() != form) throw packed_fault{"another version wrote it"};
  return in;
}

/// What the sections of a part hold.
enum class section : std::uint8_t {
  messages,
  moved_messages,
  first_message,
  wakes,
  moved_wakes,
  first_wake,
  inbox
};

/// Makes parts out of sections, each part of about so many bytes.
class part_maker {
 public:
  static constexpr std::size_t part_bytes = std::size_t{4} << 20U;

  explicit part_maker(std::vector<std::string>& parts) : parts_{&parts} {}

  packed_writer begin(section what) {
    if (current_.size() >= part_bytes) finish();
    packed_writer out{current_};
    if (current_.empty()) out.fixed(form);
    out.number(static_cast<std::uint64_t>(what));
    return out;
  }

  void finish() {
    if (current_.empty()) return;
    packed_writer{current_}.seal();
    parts_->push_back(std::exchange(current_, {}));
  }

 private:
  std::vector<std::string>* parts_;
  std::string current_;
};

constexpr std::size_t slots_a_section = 65'536;

/// The sections of an index.
struct index_sections {
  section added;
  section moved;
  section first;
};
constexpr index_sections of_messages{section::messages, section::moved_messages,
                                     section::first_message};
constexpr index_sections of_wakes{section::wakes, section::moved_wakes, section::first_wake};

void pack_added(const record_index& index, record_index::place begin, section what,
                part_maker& maker) {
  while (begin < index.end()) {
    const auto end = std::min(begin + slots_a_section, index.end());
    auto out = maker.begin(what);
    out.number(end - begin);
    for (; begin < end; ++begin) {
      const auto& slot = index.at(begin);
      out.fixed(slot.names().id);
      out.fixed(slot.names().key);
      out.number(slot.sequence());
      out.number(slot.status());
    }
  }
}

void pack_moved(const record_index& index, section what, part_maker& maker) {
  auto moved = index.moved();
  std::sort(moved.begin(), moved.end());
  moved.erase(std::unique(moved.begin(), moved.end()), moved.end());
  moved.erase(moved.begin(), std::lower_bound(moved.begin(), moved.end(), index.first()));
  if (moved.empty()) return;
  auto out = maker.begin(what);
  out.number(moved.size());
  for (const auto where : moved) {
    out.number(where);
    out.number(index.at(where).sequence());
    out.number(index.at(where).status());
  }
}

/// What was forgotten goes once what is new is there: those that stayed count as new.
void pack_index(const record_index& index, bool whole, const index_sections& what,
                part_maker& maker) {
  if (whole) maker.begin(what.first).number(index.first());
  pack_added(index, whole ? index.first() : std::max(index.kept(), index.first()), what.added,
             maker);
  if (whole) return;
  pack_moved(index, what.moved, maker);
  if (index.forgot()) maker.begin(what.first).number(index.first());
}

std::uint8_t small(std::uint64_t value) {
  if (value > UINT8_MAX) throw packed_fault{"a number is too large"};
  return static_cast<std::uint8_t>(value);
}

void unpack_new(record_index& index, packed_reader& in) {
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto id = in.fixed();
    const auto key = in.fixed();
    const auto sequence = in.number();
    index.add({{id, key}, sequence, small(in.number())});
  }
}

void unpack_moved(record_index& index, packed_reader& in) {
  const auto count = in.number();
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto where = in.number();
    if (where < index.first() || where >= index.end())
      throw packed_fault{"it names what is not there"};
    const auto sequence = in.number();
    index.move(where, sequence, small(in.number()));
  }
}

void put(packed_writer& out, stamp at) {
  out.number(at.event_seq);
  out.number(at.live_ordinal);
}

stamp get_stamp(packed_reader& in) {
  const auto event_seq = in.number();
  return {event_seq, in.number()};
}

}  // namespace

// ---- packing ------------------------------------------------------------------------------------

std::optional<checkpoint> pool_state::make_checkpoint(bool whole) {
  if (members.pending_created_) return std::nullopt;
  checkpoint made{members.position(), {}, {}};
  part_maker maker{made.parts};
  pack_index(messages, whole, of_messages, maker);
  pack_index(wakes, whole, of_wakes, maker);
  for (auto& [run, state] : runs) {
    if (!state.dealings.changed()) continue;
    auto& [inbox, kept, first, woken] = state.dealings.edit();
    auto next = whole ? 0 : kept;
    kept = inbox.size();
    if (next >= inbox.size()) continue;
    auto out = maker.begin(section::inbox);
    out.text(run.text());
    out.number(first + next);
    out.number(inbox.size() - next);
    for (std::uint64_t before = 0; next < inbox.size(); before = inbox[next++])
      out.number(inbox[next] - before);
  }
  maker.finish();
  messages.note_kept();
  wakes.note_kept();
  packed_writer head{made.head};
  head.fixed(form);
  head.number(messages.slots().size());
  head.number(wakes.slots().size());
  pack_roll(head);
  pack_runs(head);
  pack_open(head);
  head.seal();
  return made;
}

void pool_state::pack_roll(packed_writer& out) const {
  out.text(members.packed());
  out.number(begins.position.sequence);
  out.number(begins.position.host_events);
  out.number(begins.number);
  out.number(begins.event_seq);
  out.number(former_agents.size());
  for (const auto& [run, agents] : former_agents) {
    out.text(run.text());
    out.number(agents.size());
    for (const auto& [until, agent] : agents) {
      out.number(until);
      out.text(agent.text());
    }
  }
}

/// To a pool that begins here every event is past, those that this one has in memory too.
void pool_state::pack_runs(packed_writer& out) const {
  auto notes = past;
  std::unordered_map<core::run_id, run_past> later;
  for (const auto& what : recent_events) {
    const auto* state = run(what.run_id);
    auto* of_run =
        state == nullptr ? nullptr : &later.try_emplace(what.run_id, state->past).first->second;
    note_past(what, notes, of_run);
  }
  out.number(runs.size());
  for (const auto& [id_of_run, state] : runs) {
    out.text(id_of_run.text());
    put(out, {state.joined, 0});
    out.number(state.acked);
    out.number(state.dealings->inbox_first);
    out.number(state.dealings->woken.size());
    for (const auto& [print, at] : state.dealings->woken) {
      out.text(print.text());
      put(out, at);
    }
    const auto changed = later.find(id_of_run);
    const auto& of_run = changed == later.end() ? state.past : changed->second;
    out.number(of_run.changes());
    out.number(of_run.size() - of_run.changes());
    const auto pair = [&](std::uint64_t a, std::uint64_t b) {
      out.number(a);
      out.number(b);
    };
    of_run.each(
        [&](std::uint64_t from, bool in) { pair(from, in ? 1 : 0); },
        [&](event_kind kind, std::uint64_t at) { pair(static_cast<std::uint64_t>(kind), at); });
  }
  pack_past(out, notes);
}

void pool_state::pack_past(packed_writer& out, const past_notes& notes) {
  out.number(notes.kinds.size());
  for (const auto& [kind, last] : notes.kinds) {
    out.number(static_cast<std::uint64_t>(kind));
    out.number(last);
  }
  out.number(notes.places.size());
  past_place before;
  for (const auto& place : notes.places) {
    out.number(place.position.sequence - before.position.sequence);
    out.number(place.position.host_events - before.position.host_events);
    out.number(place.number - before.number);
    out.number(place.event_seq - before.event_seq);
    before = place;
  }
}

/// What waits, by the records that say all else about it.
void pool_state::pack_open(packed_writer& out) const {
  out.number(contracts.size());
  for (const auto& [id_of_message, contract] : contracts) {
    out.number(contract.delivered->record()->cursor.sequence);
    out.number(contract.replies);
    out.number(contract.silent.size());
    for (const auto& silent : contract.silent) out.text(silent.text());
  }
  out.number(open_wakes.size());
  for (const auto& [sequence, wake] : open_wakes) out.number(sequence);
}

// ---- unpacking ----------------------------------------------------------------------------------

std::vector<std::uint64_t> pool_state::restore(const checkpoint& from) {
  auto in = opened(from.head);
  std::size_t bytes = 0;
  for (const auto& part : from.parts) bytes += part.size();
  for (auto* names : {&messages, &wakes}) {
    const auto count = in.number();
    if (count > bytes) throw packed_fault{"it counts more than it holds"};
    names->load(count);
  }
  for (const auto& part : from.parts) unpack_part(opened(part));
  unpack_roll(in);
  unpack_runs(in);
  auto wanted = unpack_open(in);
  if (members.position() != from.at) throw packed_fault{"it is of another place"};
  events_floor = members.last_;
  messages.loaded();
  wakes.loaded();
  return wanted;
}

void pool_state::unpack_part(packed_reader in) {
  while (!in.at_end()) {
    const auto what = static_cast<section>(in.number());
    if (what == section::messages) unpack_new(messages, in);
    if (what == section::moved_messages) unpack_moved(messages, in);
    if (what == section::first_message) messages.drop_until(in.number());
    if (what == section::wakes) unpack_new(wakes, in);
    if (what == section::moved_wakes) unpack_moved(wakes, in);
    if (what == section::first_wake) wakes.drop_until(in.number());
    if (what > section::inbox) throw packed_fault{"a section is of no kind"};
    if (what != section::inbox) continue;
    auto& [inbox, kept, first, woken] = runs[core::run_id{in.text()}].dealings.edit();
    const auto begin = in.number();
    if (inbox.empty()) first = std::max<std::uint64_t>(first, begin);
    if (begin != first + inbox.size()) throw packed_fault{"an inbox has a gap"};
    std::uint64_t sequence = 0;
    for (auto count = in.number(); count > 0; --count) inbox.push_back(sequence += in.number());
    kept = inbox.size();
  }
}

void pool_state::unpack_roll(packed_reader& in) {
  auto read = roll::unpacked(in.text());
  if (!read) throw packed_fault{read.error().message};
  members = std::move(*read);
  begins.position.sequence = in.number();
  begins.position.host_events = in.number();
  begins.number = in.number();
  begins.event_seq = in.number();
  for (auto count = in.number(); count > 0; --count) {
    auto& agents = former_agents[core::run_id{in.text()}];
    for (auto changes = in.number(); changes > 0; --changes) {
      const auto until = in.number();
      agents.emplace_back(until, agent_id{in.text()});
    }
  }
}

void pool_state::unpack_runs(packed_reader& in) {
  for (auto count = in.number(); count > 0; --count) {
    auto& state = runs[core::run_id{in.text()}];
    state.joined = get_stamp(in).event_seq;
    state.acked = in.number();
    drop_inbox(state, in.number());
    for (auto woken = in.number(); woken > 0; --woken) {
      const event_filter_fingerprint print{in.text()};
      state.dealings.edit().woken.insert_or_assign(print, get_stamp(in));
    }
    auto changes = in.number();
    auto kinds = in.number();
    for (; changes > 0; --changes) {
      const auto from = in.number();
      state.past.scope(from, in.number() != 0);
    }
    for (; kinds > 0; --kinds) {
      const auto kind = static_cast<event_kind>(small(in.number()));
      state.past.saw(kind, in.number());
    }
  }
  unpack_past(in);
}

void pool_state::unpack_past(packed_reader& in) {
  for (auto count = in.number(); count > 0; --count) {
    const auto kind = static_cast<event_kind>(small(in.number()));
    past.kinds[kind] = in.number();
  }
  past_place place;
  for (auto count = in.number(); count > 0; --count) {
    place.position.sequence += in.number();
    place.position.host_events += in.number();
    place.number += in.number();
    place.event_seq += in.number();
    past.places.push_back(place);
  }
}

std::vector<std::uint64_t> pool_state::unpack_open(packed_reader& in) {
  std::vector<std::uint64_t> wanted;
  for (auto count = in.number(); count > 0; --count) {
    wanted.push_back(in.number());
    auto& contract = restoring_[wanted.back()];
    contract.replies = in.number();
    for (auto silent = in.number(); silent > 0; --silent) contract.silent.emplace(in.text());
  }
  for (auto count = in.number(); count > 0; --count) wanted.push_back(in.number());
  return wanted;
}

void pool_state::restore(std::span<const entry_ptr> records) {
  for (const auto& entry : records) {
    const auto& record = *entry->record();
    if (std::holds_alternative<wake_recorded>(record.payload)) {
      await(*entry);
      continue;
    }
    auto kept = restoring_.extract(record.cursor.sequence);
    const auto* message = std::get_if<message_recorded>(&record.payload);
    if (kept.empty() || message == nullptr || !message->stored.message->response_contract)
      throw packed_fault{"a record that it names is another"};
    open_contract_of(message->stored, entry);
    auto& contract = contracts.at(message->stored.message->message_id);
    contract.silent = std::move(kept.mapped().silent);
    contract.replies = kept.mapped().replies;
  }
}

}  // namespace agentpool::core
