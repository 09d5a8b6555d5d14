#include <openssl/rand.h>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/node_id.hpp>
#include <stdexcept>

#include "actors/remote/transport.hpp"

namespace agentpool::actors::remote {

namespace {

/// CAF makes a node's id out of network cards, disk and process number. Two containers of one image
/// have all of them in common; CAF then takes the other node for itself.
caf::node_id random_node() {
  caf::node_id::default_data::host_id_type host{};
  if (RAND_bytes(host.data(), static_cast<int>(host.size())) != 1)
    throw std::runtime_error("OpenSSL has no random numbers for a node's id");
  return caf::make_node_id(static_cast<std::uint32_t>(::getpid()), host);
}

class node_middleman final : public caf::io::middleman {
 public:
  explicit node_middleman(caf::actor_system& system)
      : caf::io::middleman{system}, backend_{&system} {}

  void init(caf::actor_system_config& config) override {
    caf::io::middleman::init(config);
    // CAF offers no other way; the system itself is not constant, and nobody has read its id yet.
    const_cast<caf::node_id&>(system().node()) = random_node();
  }
  caf::io::network::multiplexer& backend() override { return backend_; }

 private:
  caf::io::network::default_multiplexer backend_;
};

}  // namespace

void add_transport_to(caf::actor_system_config& config, const transport_limits& limits) {
  config.module_factories.emplace_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new node_middleman{system};
  });
  config.set("middleman.heartbeat-interval", caf::timespan{limits.heartbeat});
  // The relay looks after silence. CAF would also end connections that wait for their handshake.
  config.set("middleman.connection-timeout", caf::timespan{0});
}

}  // namespace agentpool::actors::remote
