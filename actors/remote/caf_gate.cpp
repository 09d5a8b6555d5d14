#include "actors/remote/caf_gate.hpp"

#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/node_id.hpp>
#include <caf/send.hpp>
#include <utility>

#include "actors/remote/gate_scribe.hpp"

namespace agentpool::actors::remote {

namespace {

/// The key under which BASP keeps what is published. It is read again for every connection, in the
/// same step that writes it, so one is enough; port 1 is nobody's.
constexpr std::uint16_t published_key = 1;

core::outcome<caf::actor> published(const caf::strong_actor_ptr& found) {
  if (!found) return core::store_unavailable("nothing is published there");
  return caf::actor_cast<caf::actor>(found);
}

}  // namespace

caf_gate::caf_gate(caf::actor_system& system)
    : system_{system},
      broker_{system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"))} {}

std::int64_t caf_gate::accept(int descriptor, std::string address, const caf::actor& published,
                              std::set<std::string> signatures) {
  auto scribe = make_gate_scribe(system_, descriptor, std::move(address));
  const auto name = scribe->hdl().id();
  caf::anon_send(broker_, caf::publish_atom::value, std::move(scribe), published_key,
                 caf::actor_cast<caf::strong_actor_ptr>(published), std::move(signatures));
  return name;
}

void caf_gate::connect(int descriptor, std::string address,
                       std::function<void(core::outcome<caf::actor>)> then) {
  auto scribe = make_gate_scribe(system_, descriptor, std::move(address));
  // Without a timeout of its own: the relay ends every connection that does not get on.
  system_.spawn<caf::hidden>([broker = broker_, scribe = std::move(scribe),
                              then = std::move(then)](caf::event_based_actor* self) {
    self->request(broker, caf::infinite, caf::connect_atom::value, scribe, std::uint16_t{0})
        .then([then](const caf::node_id&, const caf::strong_actor_ptr& found,
                     const std::set<std::string>&) { then(published(found)); },
              [then](const caf::error&) {
                then(core::store_unavailable("the connection was closed before it was of use"));
              });
  });
}

void caf_gate::drop(const std::vector<std::int64_t>& connections, std::function<void()> then) {
  system_.spawn<caf::hidden>(
      [broker = broker_, connections, then = std::move(then)](caf::event_based_actor* self) {
        for (const auto each : connections)
          self->send(broker, caf::delete_atom::value, caf::io::connection_handle::from_int(each));
        // A question that the broker answers after having done the above.
        self->request(broker, caf::infinite, caf::get_atom::value, self->system().node())
            .then([then](const caf::node_id&, const std::string&, std::uint16_t) { then(); },
                  [then](const caf::error&) { then(); });
      });
}

void caf_gate::forget() { caf::anon_send(broker_, caf::close_atom::value, published_key); }

}  // namespace agentpool::actors::remote
