#include "agentpool/sim/network.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <map>
#include <set>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "wire.hpp"

namespace agentpool::sim {

namespace {

using name_pair = std::pair<std::string, std::string>;

name_pair pair_of(const std::string& one, const std::string& other) {
  return one < other ? name_pair{one, other} : name_pair{other, one};
}

}  // namespace

/// What the ends share.
class network::parts : public std::enable_shared_from_this<network::parts> {
 public:
  struct process {
    caf::actor_system* system = nullptr;
    std::string endpoint;  ///< Empty: it does not listen.
    caf::strong_actor_ptr published;
  };

  std::map<std::string, process> hosts;
  std::map<std::uint64_t, std::shared_ptr<wire>> connections;
  std::set<name_pair> cuts;
  std::set<name_pair> held;
  std::set<std::string> frozen;
  std::shared_ptr<wire_room> room = std::make_shared<wire_room>();
  std::uint64_t last = 0;

  void dial(const std::string& from, const std::string& endpoint,
            const actors::callback<caf::actor>& then) {
    ++room->counters.dials;
    if (room->watch.on_dial) room->watch.on_dial();
    const auto to = std::find_if(hosts.begin(), hosts.end(), [&](const auto& known) {
      return known.second.endpoint == endpoint && known.second.published;
    });
    const auto own = hosts.find(from);
    if (to == hosts.end() || own == hosts.end() || cuts.contains(pair_of(from, to->first))) {
      ++room->counters.refused;
      return then(core::store_unavailable("nobody is reached at " + endpoint));
    }
    auto made = std::make_shared<wire>(++last, room);
    made->ends[0] = {from, own->second.system, {}, {}, {}, false, false};
    made->ends[1] = {to->first, to->second.system, {}, {}, {}, false, false};
    connections.emplace(made->number, made);
    then(caf::actor_cast<caf::actor>(made->proxy(0, to->second.published)));
  }

  template <class Of>
  void lose(Of of) {
    for (const auto& [number, known] : connections)
      if (of(*known)) known->lose();
    forget();
  }
  /// Connections of which everybody knows that they are no more.
  void forget() {
    std::erase_if(connections, [](const auto& known) {
      const auto& sides = known.second->ends;
      return known.second->lost && (sides[0].noticed || sides[0].dead) &&
             (sides[1].noticed || sides[1].dead);
    });
  }
};

namespace {

/// A network as one process sees it.
class host_network final : public actors::remote::network {
 public:
  using dialer = std::function<void(const std::string&, const actors::callback<caf::actor>&)>;
  using publisher = std::function<std::string(caf::actor)>;

  host_network(dialer dial, publisher publish, std::function<void()> close)
      : dial_{std::move(dial)}, publish_{std::move(publish)}, close_{std::move(close)} {}

  core::outcome<std::string> listen(const std::string&, caf::actor published) override {
    return publish_(std::move(published));
  }
  void publish(caf::actor another) override { static_cast<void>(publish_(std::move(another))); }
  void dial(const std::string& endpoint, actors::callback<caf::actor> then) override {
    dial_(endpoint, then);
  }
  void close() override { close_(); }

 private:
  dialer dial_;
  publisher publish_;
  std::function<void()> close_;
};

}  // namespace

network::network() : parts_{std::make_shared<parts>()} {}
network::~network() = default;

std::shared_ptr<actors::remote::network> network::host(const std::string& name,
                                                       caf::actor_system& system) {
  parts_->hosts[name] = {&system, {}, nullptr};
  const std::weak_ptr<parts> weak = parts_;
  return std::make_shared<host_network>(
      [weak, name](const std::string& endpoint, const actors::callback<caf::actor>& then) {
        if (const auto world = weak.lock()) return world->dial(name, endpoint, then);
        then(core::store_unavailable("the world is no more"));
      },
      [weak, name](const caf::actor& published) {
        const auto world = weak.lock();
        if (!world) return std::string{};
        auto& process = world->hosts[name];
        process.endpoint = name + ":7000";
        process.published = caf::actor_cast<caf::strong_actor_ptr>(published);
        return process.endpoint;
      },
      [weak, name] {
        if (const auto world = weak.lock()) {
          const auto known = world->hosts.find(name);
          if (known != world->hosts.end()) known->second.published = nullptr;
        }
      });
}

namespace {

constexpr std::uint64_t key_of(std::uint64_t connection, std::size_t end, bool notice) {
  return connection << 2U | end << 1U | (notice ? 1U : 0U);
}

}  // namespace

void network::watch(network_watch of) { parts_->room->watch = std::move(of); }

void network::pending(std::vector<std::uint64_t>& keys) const {
  keys.clear();
  for (const auto& [number, known] : parts_->connections) {
    if (parts_->held.contains(pair_of(known->ends[0].host, known->ends[1].host))) continue;
    for (std::size_t end = 0; end < 2; ++end) {
      const auto& here = known->ends[end];
      if (here.dead || parts_->frozen.contains(here.host)) continue;
      if (known->lost && !here.noticed) keys.push_back(key_of(number, end, true));
      if (!known->lost && !here.arriving.empty()) keys.push_back(key_of(number, end, false));
    }
  }
}

network_step network::step(std::uint64_t key) const {
  const auto& known = *parts_->connections.at(key >> 2U);
  const std::size_t end = key >> 1U & 1U;
  const auto& from = known.ends[1 - end].host;
  const auto& to = known.ends[end].host;
  if ((key & 1U) != 0) return {network_step::kind::notice, known.number, from, to, {}, 0, key};
  const auto& first = known.ends[end].arriving.front();
  return {network_step::kind::deliver, known.number, from, to, first.types, first.mark, key};
}

void network::take_key(std::uint64_t key) {
  const auto known = parts_->connections.at(key >> 2U);
  const std::size_t end = key >> 1U & 1U;
  if ((key & 1U) == 0) return known->deliver(end);
  known->notice(end);
  parts_->forget();
}

std::vector<network_step> network::steps() const {
  std::vector<std::uint64_t> keys;
  pending(keys);
  std::vector<network_step> all;
  all.reserve(keys.size());
  for (const auto key : keys) all.push_back(step(key));
  return all;
}

bool network::idle() const { return steps().empty(); }

void network::take(std::size_t place) { take_key(steps().at(place).key); }

void network::hold(const std::string& one, const std::string& other) {
  parts_->held.insert(pair_of(one, other));
}

void network::let_go(const std::string& one, const std::string& other) {
  parts_->held.erase(pair_of(one, other));
}

void network::freeze(const std::string& name) { parts_->frozen.insert(name); }

void network::thaw(const std::string& name) { parts_->frozen.erase(name); }

bool network::flows(const std::string& one, const std::string& other) const {
  const auto pair = pair_of(one, other);
  return !parts_->cuts.contains(pair) && !parts_->held.contains(pair) &&
         !parts_->frozen.contains(one) && !parts_->frozen.contains(other);
}

bool network::connected(const std::string& one, const std::string& other) const {
  return std::any_of(
      parts_->connections.begin(), parts_->connections.end(), [&](const auto& known) {
        const auto& ends = known.second->ends;
        return !known.second->lost && pair_of(ends[0].host, ends[1].host) == pair_of(one, other);
      });
}

void network::cut(const std::string& one, const std::string& other) {
  parts_->cuts.insert(pair_of(one, other));
  reset(one, other);
}

void network::heal(const std::string& one, const std::string& other) {
  parts_->cuts.erase(pair_of(one, other));
}

bool network::is_cut(const std::string& one, const std::string& other) const {
  return parts_->cuts.contains(pair_of(one, other));
}

void network::reset(const std::string& one, const std::string& other) {
  parts_->lose([&](const wire& known) {
    return pair_of(known.ends[0].host, known.ends[1].host) == pair_of(one, other);
  });
}

void network::die(const std::string& name) {
  parts_->hosts.erase(name);
  parts_->frozen.erase(name);
  for (const auto& [number, known] : parts_->connections)
    for (auto& side : known->ends)
      if (side.host == name) {
        side.dead = true;
        side.proxies.clear();
        side.order.clear();
        known->lose();
      }
  parts_->room->known.erase(name);
  parts_->forget();
}

const network_counters& network::counters() const noexcept { return parts_->room->counters; }

}  // namespace agentpool::sim
