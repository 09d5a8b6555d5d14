#include "actors/remote/dialler.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>
#include <vector>

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
        resolver_{io},
        socket_{io},
        timer_{io} {}

  void start() {
    timer_.expires_after(hub_->limits().connect_max);
    timer_.async_wait([self = shared_from_this()](const fault_code& fault) {
      if (!fault) self->finish("it took too long");
    });
    resolver_.async_resolve(where_.host, std::to_string(where_.port),
                            tcp::resolver::numeric_service,
                            [self = shared_from_this()](const fault_code& fault,
                                                        const tcp::resolver::results_type& to) {
                              self->resolved(fault, to);
                            });
  }

 private:
  void resolved(const fault_code& fault, const tcp::resolver::results_type& found) {
    if (over_) return;
    if (fault) return finish(fault.message());
    std::vector<tcp::endpoint> allowed;
    for (const auto& each : found)
      if (hub_->allows(each.endpoint())) allowed.push_back(each.endpoint());
    if (allowed.empty()) {
      end();
      return then_(unprotected(to_text(where_)));
    }
    candidates_ = std::move(allowed);
    asio::async_connect(
        socket_, candidates_,
        [self = shared_from_this()](const fault_code& failed, const tcp::endpoint&) {
          self->connected(failed);
        });
  }

  void connected(const fault_code& fault) {
    if (over_) return;
    if (hub_->closed()) return finish("the transport was closed");
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
    resolver_.cancel();
  }

  std::shared_ptr<hub> hub_;
  endpoint where_;
  transport::dialled then_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::vector<tcp::endpoint> candidates_;
  bool over_ = false;
};

core::agent_error cannot_listen(const endpoint& where, const fault_code& fault) {
  return core::host_configuration_needed("cannot listen at " + to_text(where) + ": " +
                                         fault.message());
}

}  // namespace

void dial(const std::shared_ptr<hub>& at, asio::io_context& io, const endpoint& where,
          transport::dialled then) {
  if (at->closed()) return then(unreachable(where, "the transport was closed"));
  std::make_shared<attempt>(at, io, where, std::move(then))->start();
}

core::outcome<tcp::acceptor> listening(hub& at, asio::io_context& io, const endpoint& where) {
  fault_code fault;
  tcp::resolver resolver{io};
  const auto found =
      resolver.resolve(where.host, std::to_string(where.port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, fault);
  if (fault) return cannot_listen(where, fault);
  const auto at_first = found.begin()->endpoint();
  if (!at.allows(at_first)) return unprotected(to_text(where));
  tcp::acceptor made{io};
  made.open(at_first.protocol(), fault);
  if (!fault) made.set_option(tcp::acceptor::reuse_address{true}, fault);
  if (!fault) made.bind(at_first, fault);
  if (!fault) made.listen(asio::socket_base::max_listen_connections, fault);
  if (fault) return cannot_listen(where, fault);
  return made;
}

}  // namespace agentpool::actors::remote
