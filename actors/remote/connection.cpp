#include "actors/remote/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

namespace agentpool::actors::remote {

namespace asio = boost::asio;

namespace {

wire_stream stream_on(int socket, const connection::setup& with) {
  return with.tls ? wire_stream{socket, *with.tls, with.host} : wire_stream{socket};
}

/// The socket's descriptor, no longer the socket's own.
int released(asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
  return socket.release(ignored);
}

}  // namespace

connection::connection(connection_keeper& keeper, asio::ip::tcp::socket socket, setup with,
                       relay_traffic& traffic)
    : keeper_{keeper},
      with_{std::move(with)},
      wire_{socket.get_executor()},
      local_{socket.get_executor()},
      peer_{stream_on(socket.native_handle(), with_)},
      filter_{with_.opened, with_.rules, with_.published},
      traffic_{traffic} {
  wire_.assign(released(socket));
  wire_.non_blocking(true);
}

connection::~connection() = default;

void connection::start() { step(); }

void connection::tick() {
  if (over_) return;
  ++age_ticks_;
  if (!open() && age_ticks_ > with_.handshake_ticks) return end(ending::handshake_late);
  if (!relay_) return;
  const auto want = relay_->tick();
  if (want.over) return end(*want.over);
  if (want.again) step();
}

void connection::release() {
  if (over_ || !relay_) return;
  relay_->release();
  step();
}

void connection::end(ending why) {
  if (!say_over(why)) return;
  boost::system::error_code ignored;
  local_.close(ignored);
}

void connection::retire(ending why, const std::function<void()>& then) {
  if (!say_over(why)) return;
  if (!local_.is_open()) return then();
  ::shutdown(local_.native_handle(), SHUT_WR);
  drain(then);
}

/// Counted and told before either side can see it. False when it was over before.
bool connection::say_over(ending why) {
  if (std::exchange(over_, true)) return false;
  const auto self = shared_from_this();
  keeper_.ended(*this, why, peer_.fault());
  peer_.say_end();
  boost::system::error_code ignored;
  wire_.close(ignored);
  return true;
}

/// What CAF still says is for nobody; its end of the pair closing is what is waited for.
void connection::drain(const std::function<void()>& then) {
  std::array<std::byte, 4'096> scrap{};
  for (;;) {
    const auto moved = ::recv(local_.native_handle(), scrap.data(), scrap.size(), MSG_DONTWAIT);
    if (moved > 0) continue;
    if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) break;
    boost::system::error_code ignored;
    local_.close(ignored);
    return then();
  }
  local_.async_wait(descriptor::wait_read,
                    [self = shared_from_this(), then](const boost::system::error_code& fault) {
                      if (!fault) self->drain(then);
                    });
}

void connection::step() {
  if (over_) return;
  if (!relay_) return shake_hands();
  const auto want = relay_->pump();
  if (want.over) return end(*want.over);
  wait_for(want);
}

void connection::shake_hands() {
  const auto result = peer_.handshake();
  switch (result.state) {
    case wire_state::done: return begin_relay();
    case wire_state::would_read: return wait_on(wire_, wire_waits_, true, false);
    case wire_state::would_write: return wait_on(wire_, wire_waits_, false, true);
    case wire_state::ended:
    case wire_state::failed: return end(ending::tls_refused);
  }
}

void connection::begin_relay() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return end(ending::connections_full);
  local_.assign(ends[0]);
  if (const auto why = keeper_.secured(*this, ends[1])) {
    ::close(ends[1]);
    return end(*why);
  }
  relay_.emplace(peer_, ends[0], filter_, with_.bounds,
                 relay::events{[this](const basp_node& node) { return keeper_.named(*this, node); },
                               [this](ending why) { keeper_.omitted(*this, why); }},
                 traffic_);
  step();
}

void connection::wait_for(const relay::wishes& want) {
  if (want.again && !std::exchange(posted_, true)) {
    asio::post(wire_.get_executor(), [self = shared_from_this()] {
      self->posted_ = false;
      self->step();
    });
  }
  wait_on(wire_, wire_waits_, want.peer_read, want.peer_write);
  wait_on(local_, local_waits_, want.local_read, want.local_write);
}

void connection::wait_on(descriptor& on, waits& under_way, bool read, bool write) {
  if (read) wait_once(on, under_way.read, false);
  if (write) wait_once(on, under_way.write, true);
}

/// A wait that is no longer wanted stays: when it comes, the step finds nothing to do.
void connection::wait_once(descriptor& on, bool& under_way, bool write) {
  if (std::exchange(under_way, true)) return;
  on.async_wait(write ? descriptor::wait_write : descriptor::wait_read,
                [self = shared_from_this(), &under_way](const boost::system::error_code& fault) {
                  under_way = false;
                  if (!fault) self->step();
                });
}

}  // namespace agentpool::actors::remote
