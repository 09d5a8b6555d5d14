#include "agentpool/sim/network.hpp"

#include <algorithm>
#include <array>
#include <caf/actor_proxy.hpp>
#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/make_actor.hpp>
#include <caf/send.hpp>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "agentpool/core/addressing.hpp"

namespace agentpool::sim {

namespace {

using name_pair = std::pair<std::string, std::string>;

name_pair pair_of(const std::string& one, const std::string& other) {
  return one < other ? name_pair{one, other} : name_pair{other, one};
}

caf::error lost_link() { return caf::make_error(caf::exit_reason::remote_link_unreachable); }

/// What travels.
struct packet {
  bool gone = false;  ///< Tells that the sender has ended.
  caf::strong_actor_ptr from;
  caf::strong_actor_ptr to;
  caf::message_id number;
  std::vector<char> bytes;
  std::string types;
};

class connection;

/// Stands in one process for an actor of another.
class wire_proxy final : public caf::actor_proxy {
 public:
  wire_proxy(caf::actor_config& config, std::weak_ptr<connection> over, std::size_t side,
             caf::strong_actor_ptr target)
      : caf::actor_proxy{config}, over_{std::move(over)}, side_{side}, target_{std::move(target)} {}

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override;
  void kill_proxy(caf::execution_unit* unit, caf::error reason) override {
    cleanup(std::move(reason), unit);
  }

 private:
  std::weak_ptr<connection> over_;
  std::size_t side_;  ///< In whose process it stands.
  caf::strong_actor_ptr target_;
};

/// One end of a connection.
struct side_of {
  std::string host;
  caf::actor_system* system = nullptr;
  std::deque<packet> arriving;
  std::map<caf::strong_actor_ptr, caf::strong_actor_ptr>
      proxies;           ///< Here, by whom they stand for.
  bool noticed = false;  ///< That the connection is lost.
  bool dead = false;     ///< Its process is no more.
};

/// Two processes that reach each other.
class connection : public std::enable_shared_from_this<connection> {
 public:
  connection(std::uint64_t number, network_counters& counters)
      : number{number}, counters_{counters} {}

  const std::uint64_t number;
  std::array<side_of, 2> sides;
  bool lost = false;

  /// The proxy in the process of `side` for an actor of the other.
  caf::strong_actor_ptr proxy(std::size_t side, const caf::strong_actor_ptr& target) {
    if (!target) return nullptr;
    auto& known = sides[side].proxies[target];
    if (known) return known;
    caf::actor_config config;
    known = caf::make_actor<wire_proxy, caf::strong_actor_ptr>(
        target->aid, target->nid, sides[side].system, config, weak_from_this(), side, target);
    const std::weak_ptr<connection> weak = weak_from_this();
    const auto there = caf::actor_cast<caf::weak_actor_ptr>(target);
    target->get()->attach_functor([weak, side, there] {
      const auto self = weak.lock();
      const auto ended = there.lock();
      if (self && ended && !self->lost)
        self->sides[side].arriving.push_back({true, ended, nullptr, {}, {}, "(ended)"});
    });
    return known;
  }

  /// From the process of `side`.
  void send(std::size_t side, caf::mailbox_element& what, const caf::strong_actor_ptr& to) {
    if (lost || sides[side].dead) return;
    packet next{false, what.sender, to, what.mid, {}, {}};
    auto content = what.move_content_to_message();
    caf::binary_serializer sink{*sides[side].system, next.bytes};
    if (const auto fault = sink(content)) throw std::logic_error{"a message cannot be written"};
    next.types = names_of(*sides[side].system, content);
    sides[1 - side].arriving.push_back(std::move(next));
  }

  void deliver(std::size_t side) {
    auto& here = sides[side];
    auto next = std::move(here.arriving.front());
    here.arriving.pop_front();
    ++counters_.delivered;
    if (next.gone) {
      const auto known = here.proxies.find(next.from);
      if (known == here.proxies.end()) return;
      const auto ended = std::move(known->second);
      here.proxies.erase(known);
      kill(ended, caf::make_error(caf::exit_reason::normal));
      return;
    }
    caf::message content;
    caf::binary_deserializer source{*here.system, next.bytes};
    if (const auto fault = source(content)) throw std::logic_error{"a message cannot be read"};
    next.to->enqueue(caf::make_mailbox_element(proxy(side, next.from), next.number, {}, content),
                     nullptr);
  }

  void lose() {
    if (std::exchange(lost, true)) return;
    ++counters_.broken;
    for (auto& side : sides) {
      counters_.lost += side.arriving.size();
      side.arriving.clear();
    }
  }

  void notice(std::size_t side) {
    sides[side].noticed = true;
    for (const auto& [target, known] : std::exchange(sides[side].proxies, {}))
      kill(known, lost_link());
  }

 private:
  static void kill(const caf::strong_actor_ptr& known, caf::error why) {
    dynamic_cast<wire_proxy&>(*known->get()).kill_proxy(nullptr, std::move(why));
  }
  static std::string names_of(caf::actor_system& system, const caf::message& content) {
    std::string names;
    for (std::size_t i = 0; i < content.size(); ++i)
      names += (i == 0 ? "" : " ") + system.types().portable_name(content.type(i));
    return names;
  }

  network_counters& counters_;
};

void wire_proxy::enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) {
  if (const auto over = over_.lock()) over->send(side_, *what, target_);
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
  std::map<std::uint64_t, std::shared_ptr<connection>> connections;
  std::set<name_pair> cuts;
  network_counters counters;
  std::uint64_t last = 0;

  void dial(const std::string& from, const std::string& endpoint,
            const actors::callback<caf::actor>& then) {
    ++counters.dials;
    const auto to = std::find_if(hosts.begin(), hosts.end(), [&](const auto& known) {
      return known.second.endpoint == endpoint && known.second.published;
    });
    if (to == hosts.end() || cuts.contains(pair_of(from, to->first))) {
      ++counters.refused;
      return then(core::store_unavailable("nobody is reached at " + endpoint));
    }
    auto made = std::make_shared<connection>(++last, counters);
    made->sides[0] = {from, hosts.at(from).system, {}, {}, false, false};
    made->sides[1] = {to->first, to->second.system, {}, {}, false, false};
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
      const auto& sides = known.second->sides;
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
      [weak, name](caf::actor published) {
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

std::vector<network_step> network::steps() const {
  std::vector<network_step> all;
  for (const auto& [number, known] : parts_->connections)
    for (std::size_t side = 0; side < 2; ++side) {
      const auto& here = known->sides[side];
      const auto& there = known->sides[1 - side];
      if (here.dead) continue;
      if (known->lost && !here.noticed)
        all.push_back({network_step::kind::notice, number, there.host, here.host, {}});
      if (!known->lost && !here.arriving.empty())
        all.push_back({network_step::kind::deliver, number, there.host, here.host,
                       here.arriving.front().types});
    }
  return all;
}

bool network::idle() const { return steps().empty(); }

void network::take(std::size_t place) {
  const auto step = steps().at(place);
  const auto known = parts_->connections.at(step.connection);
  const std::size_t side = known->sides[0].host == step.to ? 0 : 1;
  if (step.what == network_step::kind::deliver) return known->deliver(side);
  known->notice(side);
  parts_->forget();
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
  parts_->lose([&](const connection& known) {
    return pair_of(known.sides[0].host, known.sides[1].host) == pair_of(one, other);
  });
}

void network::die(const std::string& name) {
  parts_->hosts.erase(name);
  for (const auto& [number, known] : parts_->connections)
    for (auto& side : known->sides)
      if (side.host == name) {
        side.dead = true;
        side.proxies.clear();
        known->lose();
      }
  parts_->forget();
}

const network_counters& network::counters() const noexcept { return parts_->counters; }

}  // namespace agentpool::sim
