#include "actors/remote/remote_node.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <future>
#include <stdexcept>

#include "agentpool/messages/type_ids.hpp"

namespace agentpool::testing {

using actors::remote::endpoint;
using actors::remote::transport_limits;
using actors::remote::transport_security;

namespace {

/// The program's own logger; the room finds it by its name.
const auto log_sink = [] {
  auto made = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(1'000);
  auto named = std::make_shared<spdlog::logger>("agentpool", made);
  named->set_level(spdlog::level::warn);
  spdlog::register_logger(named);
  return made;
}();
std::size_t lines_seen = 0;

core::outcome<caf::actor> dialled(remote_node& from, const endpoint& where) {
  const auto answer = std::make_shared<std::promise<core::outcome<caf::actor>>>();
  from.transport->dial(
      where, [answer](core::outcome<caf::actor> found) { answer->set_value(std::move(found)); });
  auto coming = answer->get_future();
  if (coming.wait_for(wait_max) != std::future_status::ready)
    throw std::runtime_error{"a dial was never answered"};
  return coming.get();
}

}  // namespace

struct remote_node::configuration : caf::actor_system_config {
  explicit configuration(const transport_limits& limits) {
    set("scheduler.max-threads", std::size_t{2});
    set("scheduler.policy", caf::atom("sharing"));
    actors::remote::add_transport_to(*this, limits);
    messages::add_to(*this);
  }
};

transport_limits generous() {
  return {.handshake_max = 20s,
          .connect_max = 20s,
          .heartbeat = 50ms,
          .silence_max = 20s,
          .stall_max = 20s};
}

remote_node::remote_node(transport_security security, transport_limits limits)
    : configuration_{std::make_unique<configuration>(limits)},
      system{std::make_unique<caf::actor_system>(*configuration_)} {
  auto made = actors::remote::transport::make(*system, security, limits, {"@str"});
  if (!made) throw std::runtime_error{core::to_text(made.error())};
  transport = *made;
  echo = spawn_echo("echo");
}

remote_node::~remote_node() {
  transport->close();
  caf::anon_send_exit(echo, caf::exit_reason::kill);
  echo = nullptr;
}

caf::actor remote_node::spawn_echo(const std::string& name) {
  return system->spawn([name](caf::event_based_actor* self) -> caf::behavior {
    self->set_default_handler(caf::drop);
    return {[name](const std::string& text) { return name + ": " + text; }};
  });
}

std::uint16_t remote_node::listen() {
  const auto at = transport->listen({"127.0.0.1", 0}, echo, {});
  if (!at) throw std::runtime_error{core::to_text(at.error())};
  return at->port;
}

caf::actor remote_node::dial(std::uint16_t port, const std::string& host) {
  auto found = dialled(*this, {host, port});
  if (!found) throw std::runtime_error{found.error().message};
  return *found;
}

std::string remote_node::dial_fault(std::uint16_t port, const std::string& host) {
  const auto found = dialled(*this, {host, port});
  return found ? "" : found.error().message;
}

std::string remote_node::ask(const caf::actor& whom, const std::string& text,
                             std::chrono::milliseconds within) {
  caf::scoped_actor self{*system};
  std::string answer;
  self->request(whom, within, text)
      .receive([&](std::string& said) { answer = std::move(said); },
               [&](const caf::error& fault) { answer = "failed: " + system->render(fault); });
  return answer;
}

bool remote_node::gone(const caf::actor& whom) {
  caf::scoped_actor self{*system};
  self->monitor(whom);
  bool seen = false;
  self->receive([&](const caf::down_msg&) { seen = true; }, caf::after(wait_max) >> [] {});
  return seen;
}

std::vector<std::string> logged() {
  auto all = log_sink->last_formatted();
  std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(lines_seen), all.end());
  lines_seen = all.size();
  return fresh;
}

}  // namespace agentpool::testing
