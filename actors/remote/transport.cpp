#include "actors/remote/transport.hpp"

#include <pthread.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "actors/remote/dialler.hpp"
#include "actors/remote/hub.hpp"

namespace agentpool::actors::remote {

namespace asio = boost::asio;

namespace {

/// CAF's own, which would let a peer reach past the engine.
constexpr std::array<std::string_view, 4> never_exchanged{"@error", "@exit", "@down", "@message"};

/// Answers once, whoever is first.
transport::dialled once(transport::dialled then) {
  auto answered = std::make_shared<std::atomic<bool>>(false);
  return [answered = std::move(answered), then = std::move(then)](core::outcome<caf::actor> found) {
    if (!answered->exchange(true)) then(std::move(found));
  };
}

core::agent_error transport_closed() { return core::store_unavailable("the transport was closed"); }

/// A signal is for the program's other threads; a closed socket is told by the call's result.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

struct transport::parts {
  std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> busy{io->get_executor()};
  std::shared_ptr<hub> core;
  std::thread thread;
  std::once_flag closing;
  std::mutex mutex;
  bool closed = false;  ///< Nothing is run any more.

  /// Runs it on the I/O thread; false, and nothing, when that has ended.
  template <class Task>
  bool run(Task task) {
    const std::lock_guard lock{mutex};
    if (closed) return false;
    asio::post(*io, std::move(task));
    return true;
  }
};

transport::transport(std::unique_ptr<parts> made) : parts_{std::move(made)} {
  parts_->thread = std::thread{[this] {
    block_signals();
    parts_->io->run();
  }};
}

transport::~transport() { close(); }

core::outcome<std::shared_ptr<transport>> transport::make(
    caf::actor_system& system, const transport_security& security, const transport_limits& limits,
    std::set<std::string, std::less<>> message_types) {
  for (const auto name : never_exchanged)
    if (message_types.contains(name))
      return core::contract_violation("nodes cannot exchange " + std::string{name});
  std::shared_ptr<const tls_context> tls;
  if (security.tls) {
    auto read = tls_context::make(*security.tls);
    if (!read) return read.error();
    tls = *read;
  }
  auto rules =
      std::make_shared<filter_rules>(filter_rules{.message_bytes_max = limits.message_bytes_max,
                                                  .known_actors_max = limits.known_actors_max,
                                                  .message_types = std::move(message_types)});
  auto made = std::make_unique<parts>();
  made->core = std::make_shared<hub>(
      made->io, system,
      hub::setup{.tls = tls, .insecure = security.insecure, .limits = limits, .rules = rules});
  return std::shared_ptr<transport>{new transport{std::move(made)}};
}

core::outcome<endpoint> transport::listen(const endpoint& where, const caf::actor& published,
                                          std::set<std::string> signatures) {
  auto opened = listening(*parts_->core, *parts_->io, where);
  if (!opened) return opened.error();
  const auto real = opened->local_endpoint();
  publish(published, std::move(signatures));
  const auto acceptor = std::make_shared<hub::tcp::acceptor>(std::move(*opened));
  if (!parts_->run([core = parts_->core, acceptor] { core->open(std::move(*acceptor)); }))
    return transport_closed();
  return endpoint{where.host, real.port()};
}

void transport::publish(const caf::actor& another, std::set<std::string> signatures) {
  parts_->run([core = parts_->core, another, signatures = std::move(signatures)] {
    core->publish(another, signatures);
  });
}

void transport::dial(const endpoint& where, dialled then) {
  const auto answer = once(std::move(then));
  // Weak: a task that is left in the queue must not keep the queue.
  const auto asked = parts_->run([core = parts_->core, io = std::weak_ptr{parts_->io}, where,
                                  answer] { remote::dial(core, io.lock(), where, answer); });
  if (!asked) answer(transport_closed());
}

transport_counters transport::counters() const { return parts_->core->counters(); }

std::vector<connection_state> transport::connections() const { return parts_->core->connections(); }

std::size_t transport::message_bytes_max() const noexcept {
  return parts_->core->limits().message_bytes_max;
}

void transport::close() {
  std::call_once(parts_->closing, [this] {
    {
      const std::lock_guard lock{parts_->mutex};
      parts_->closed = true;
      asio::post(*parts_->io, [core = parts_->core] { core->close(); });
    }
    parts_->busy.reset();
    parts_->thread.join();
  });
}

}  // namespace agentpool::actors::remote
