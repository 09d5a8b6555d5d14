#include "actors/remote/dialler.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "actors/remote/look_up.hpp"

namespace agentpool::actors::remote {

namespace asio = boost::asio;
using tcp = hub::tcp;
using fault_code = boost::system::error_code;

namespace {

core::agent_error unreachable(const endpoint& where, const std::string& why) {
  return core::store_unavailable("cannot connect to " + to_text(where) + ": " + why);
}

core::agent_error unprotected(const std::string& where) {
  return core::host_configuration_needed(
      where + " is beyond this machine: that needs TLS, or to be asked for as insecure");
}

/// One attempt to connect; lives until it is answered.
class attempt : public std::enable_shared_from_this<attempt> {
 public:
  attempt(std::shared_ptr<hub> at, asio::io_context& io, endpoint where, transport::dialled then)
      : hub_{std::move(at)},
        where_{std::move(where)},
        then_{std::move(then)},
        socket_{io},
        timer_{io} {}

  void start(std::shared_ptr<asio::io_context> io) {
    timer_.expires_after(hub_->limits().connect_max);
    timer_.async_wait([self = shared_from_this()](const fault_code& fault) {
      if (!fault) self->finish("it took too long");
    });
    closing_ = hub_->at_closing([self = std::weak_ptr{shared_from_this()}] {
      if (const auto here = self.lock()) here->finish("the transport was closed");
    });
    look_up_apart(std::move(io), where_, [self = shared_from_this()](addresses found) {
      self->looked_up(std::move(found));
    });
  }

 private:
  void looked_up(addresses all) {
    if (over_) return;
    if (all.fault) return finish(all.fault.message());
    std::erase_if(all.found, [this](const tcp::endpoint& each) { return !hub_->allows(each); });
    if (all.found.empty()) {
      end();
      return then_(unprotected(to_text(where_)));
    }
    candidates_ = std::move(all.found);
    asio::async_connect(socket_, candidates_,
                        [self = shared_from_this()](const fault_code& fault, const tcp::endpoint&) {
                          self->connected(fault);
                        });
  }

  void connected(const fault_code& fault) {
    if (over_) return;
    if (fault) return finish(fault.message());
    end();
    hub_->adopt(std::move(socket_), where_, then_);
  }

  void finish(const std::string& why) {
    if (over_) return;
    end();
    fault_code ignored;
    socket_.close(ignored);
    then_(unreachable(where_, why));
  }

  void end() {
    over_ = true;
    timer_.cancel();
    hub_->not_at_closing(closing_);
  }

  std::shared_ptr<hub> hub_;
  endpoint where_;
  transport::dialled then_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::vector<tcp::endpoint> candidates_;
  std::uint64_t closing_ = 0;
  bool over_ = false;
};

core::agent_error cannot_listen(const endpoint& where, const fault_code& fault) {
  return core::host_configuration_needed("cannot listen at " + to_text(where) + ": " +
                                         fault.message());
}

}  // namespace

void dial(const std::shared_ptr<hub>& at, std::shared_ptr<asio::io_context> io,
          const endpoint& where, transport::dialled then) {
  if (at->closed()) return then(unreachable(where, "the transport was closed"));
  const auto made = std::make_shared<attempt>(at, *io, where, std::move(then));
  made->start(std::move(io));
}

core::outcome<tcp::acceptor> listening(hub& at, asio::io_context& io, const endpoint& where) {
  const auto all = look_up(where);
  if (all.fault) return cannot_listen(where, all.fault);
  const auto& first = all.found.front();
  if (!at.allows(first)) return unprotected(to_text(where));
  fault_code fault;
  tcp::acceptor made{io};
  made.open(first.protocol(), fault);
  if (!fault) made.set_option(tcp::acceptor::reuse_address{true}, fault);
  if (!fault) made.bind(first, fault);
  if (!fault) made.listen(asio::socket_base::max_listen_connections, fault);
  if (fault) return cannot_listen(where, fault);
  return made;
}

}  // namespace agentpool::actors::remote
