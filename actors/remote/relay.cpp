#include "actors/remote/relay.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace agentpool::actors::remote {

namespace {

/// Read from one side in one turn, at most, so that a busy connection leaves room for others.
constexpr std::size_t turn_bytes = 512U << 10U;

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

relay::relay(wire_stream& peer, int local, basp_filter& filter, bounds limits, events tell,
             relay_traffic& traffic)
    : peer_{peer},
      local_{local},
      filter_{filter},
      limits_{limits},
      tell_{std::move(tell)},
      traffic_{traffic},
      inward_{limits.buffer_bytes},
      outward_{limits.buffer_bytes} {}

relay::wishes relay::pump() {
  wishes want;
  pump_outward(want);
  if (!want.over) pump_inward(want);
  count();
  return want;
}

void relay::pump_inward(wishes& want) {
  std::size_t budget = turn_bytes;
  decide_inward(want);  // it may have waited for what CAF said meanwhile
  while (!want.over && write_local(want) && read_peer(want, budget)) decide_inward(want);
  if (peer_ended_ && inward_.ready().empty() && !want.over) want.over = ending::closed_by_peer;
}

void relay::pump_outward(wishes& want) {
  std::size_t budget = turn_bytes;
  decide_outward(want);
  while (!want.over && write_peer(want) && read_local(want, budget)) decide_outward(want);
  if (local_ended_ && outward_.ready().empty() && !want.over) want.over = ending::closed_here;
}

/// False when nothing more can be done now.
bool relay::write_local(wishes& want) {
  while (!inward_.ready().empty()) {
    const auto ready = inward_.ready();
    const auto moved = ::send(local_, ready.data(), ready.size(), MSG_NOSIGNAL);
    if (moved > 0) {
      inward_.written(static_cast<std::size_t>(moved));
      continue;
    }
    if (moved < 0 && !would_block()) {
      want.over = ending::closed_here;
      return false;
    }
    want.local_write = true;
    return !inward_.room().empty();
  }
  return true;
}

bool relay::write_peer(wishes& want) {
  while (!outward_.ready().empty()) {
    const auto result = peer_.write(outward_.ready());
    switch (result.state) {
      case wire_state::done:
        taken_ = true;
        traffic_.bytes_outward.fetch_add(result.bytes, std::memory_order_relaxed);
        outward_.written(result.bytes);
        continue;
      case wire_state::would_read: want.peer_read = true; break;
      case wire_state::would_write: want.peer_write = true; break;
      case wire_state::ended:
      case wire_state::failed: want.over = ending::closed_by_peer; return false;
    }
    return !outward_.room().empty();
  }
  return true;
}

bool relay::read_peer(wishes& want, std::size_t& budget) {
  if (peer_ended_ || throttled()) return false;
  const auto room = inward_.room();
  if (room.empty()) return false;
  if (budget == 0) {
    want.again = true;
    return false;
  }
  const auto result = peer_.read(room.first(std::min(room.size(), budget)));
  switch (result.state) {
    case wire_state::done: break;
    case wire_state::would_read: want.peer_read = true; return false;
    case wire_state::would_write: want.peer_write = true; return false;
    case wire_state::ended: peer_ended_ = true; return false;
    case wire_state::failed: want.over = ending::closed_by_peer; return false;
  }
  heard_ = true;
  budget -= result.bytes;
  bytes_due_ += result.bytes;
  traffic_.bytes_inward.fetch_add(result.bytes, std::memory_order_relaxed);
  inward_.filled(result.bytes);
  return true;
}

bool relay::read_local(wishes& want, std::size_t& budget) {
  if (local_ended_) return false;
  const auto room = outward_.room();
  if (room.empty()) return false;
  if (budget == 0) {
    want.again = true;
    return false;
  }
  const auto moved = ::recv(local_, room.data(), std::min(room.size(), budget), 0);
  if (moved > 0) {
    budget -= static_cast<std::size_t>(moved);
    outward_.filled(static_cast<std::size_t>(moved));
    return true;
  }
  if (moved < 0 && would_block()) {
    want.local_read = true;
  } else {
    local_ended_ = true;
  }
  return false;
}

void relay::decide_inward(wishes& want) {
  while (!throttled() && !held_) {
    const auto before = filter_.frames_inward();
    const auto step = filter_.inward(inward_.fresh());
    frames_due_ += filter_.frames_inward() - before;
    if (!named_ && filter_.peer()) {
      named_ = true;
      const auto verdict = tell_.named(*filter_.peer());
      want.over = verdict.refused;
      if (verdict.held) held_ = step.bytes;
      if (want.over || held_) return;
    }
    switch (step.what) {
      case filter_step::kind::pass: inward_.pass(step.bytes); break;
      case filter_step::kind::omit: inward_.omit(step.bytes); break;
      case filter_step::kind::wait: return;
      case filter_step::kind::refuse: want.over = step.why; return;
    }
  }
}

void relay::decide_outward(wishes& want) {
  for (;;) {
    const auto step = filter_.outward(outward_.fresh());
    switch (step.what) {
      case filter_step::kind::pass: outward_.pass(step.bytes); break;
      case filter_step::kind::omit:
        outward_.omit(step.bytes);
        if (step.why != ending::closed_here) tell_.omitted(step.why);
        break;
      case filter_step::kind::wait: return;
      case filter_step::kind::refuse: want.over = step.why; return;
    }
  }
}

void relay::release() {
  if (held_) inward_.pass(*held_);
  held_.reset();
}

bool relay::throttled() const noexcept {
  return bytes_due_ >= limits_.bytes_per_tick || frames_due_ >= limits_.frames_per_tick;
}

relay::wishes relay::tick() {
  wishes want;
  want.again = throttled();
  const bool listening = !want.again && !inward_.full();
  quiet_ticks_ = heard_ || !listening ? 0 : quiet_ticks_ + 1;
  waiting_ticks_ = taken_ || outward_.ready().empty() ? 0 : waiting_ticks_ + 1;
  heard_ = false;
  taken_ = false;
  bytes_due_ -= std::min(bytes_due_, limits_.bytes_per_tick);
  frames_due_ -= std::min(frames_due_, limits_.frames_per_tick);
  inward_.relax();
  outward_.relax();
  if (quiet_ticks_ > limits_.silent_ticks) want.over = ending::silent;
  if (waiting_ticks_ > limits_.stalled_ticks) want.over = ending::stalled;
  return want;
}

void relay::count() {
  const auto inward = filter_.frames_inward();
  const auto outward = filter_.frames_outward();
  traffic_.frames_inward.fetch_add(inward - std::exchange(counted_inward_, inward),
                                   std::memory_order_relaxed);
  traffic_.frames_outward.fetch_add(outward - std::exchange(counted_outward_, outward),
                                    std::memory_order_relaxed);
}

}  // namespace agentpool::actors::remote
