#include "http_server.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <charconv>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "agentpool/actors/log.hpp"
#include "http_connection.hpp"

namespace agentpool::tools {

namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::size_t threads_most = 4;
constexpr std::chrono::milliseconds rest_without_descriptors{100};

/// Descriptors that connections leave for stores, collectors and whoever is just coming in.
constexpr rlim_t descriptors_kept = 64;

/// As many descriptors as the system lets this process have; no bound when that is not known.
rlim_t raise_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return RLIM_INFINITY;
  const auto soft = std::exchange(limit.rlim_cur, limit.rlim_max);
  if (soft != limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) != 0) return soft;
  return limit.rlim_cur;
}

/// No more connections than there are descriptors for: otherwise nobody could come in for whom an
/// idle one makes way.
http_limits with_descriptors(http_limits limits) {
  const auto all = raise_descriptors();
  // Of very few half are kept, so that somebody is served at all.
  const auto most = std::max<rlim_t>(all - std::min(descriptors_kept, all / 2), 1);
  if (all == RLIM_INFINITY || limits.connections_max <= most) return limits;
  actors::logger().warn("at most {} connections: this process may have {} descriptors", most, all);
  limits.connections_max = static_cast<std::size_t>(most);
  return limits;
}

core::outcome<tcp::endpoint> endpoint_of(const std::string& text) {
  const auto wrong = [&](const std::string& why) {
    return core::host_configuration_needed("--listen " + text + ": " + why);
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong("say HOST:PORT");
  auto host = text.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [read, fault] = std::from_chars(text.data() + colon + 1, end, port);
  if (fault != std::errc{} || read != end) return wrong("the port is a number up to 65535");
  error_code bad;
  const auto address = net::ip::make_address(host, bad);
  if (bad) return wrong("the host is an address, or localhost");
  return tcp::endpoint{address, port};
}

core::outcome<std::shared_ptr<net::ssl::context>> context_of(const http_tls& files) {
  if (files.certificate.empty() && files.key.empty()) return std::shared_ptr<net::ssl::context>{};
  if (files.certificate.empty() || files.key.empty())
    return core::host_configuration_needed("TLS needs a certificate and its key");
  auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
  error_code fault;
  context->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_tlsv1 |
                           net::ssl::context::no_tlsv1_1 | net::ssl::context::no_compression,
                       fault);
  context->use_certificate_chain_file(files.certificate, fault);
  if (fault)
    return core::host_configuration_needed("cannot use the certificate " + files.certificate +
                                           ": " + fault.message());
  context->use_private_key_file(files.key, net::ssl::context::pem, fault);
  if (fault)
    return core::host_configuration_needed("cannot use the key " + files.key + ": " +
                                           fault.message());
  return context;
}

}  // namespace

/// The threads, and who accepts on them. Its owner closes it before it goes.
class http_server::parts {
 public:
  parts(http_handler& handler, http_options options)
      : options_{std::move(options)},
        io_{std::make_shared<net::io_context>()},
        work_{io_->get_executor()},
        hub_{std::make_shared<http_hub>(handler, with_descriptors(options_.limits), io_)},
        acceptor_{net::make_strand(*io_)},
        pause_{acceptor_.get_executor()} {}

  core::outcome<std::string> start() {
    const auto endpoint = endpoint_of(options_.listen);
    if (!endpoint) return endpoint.error();
    auto tls = context_of(options_.tls);
    if (!tls) return tls.error();
    tls_ = std::move(*tls);
    error_code fault;
    acceptor_.open(endpoint->protocol(), fault);
    if (!fault) acceptor_.set_option(tcp::acceptor::reuse_address{true}, fault);
    if (!fault) acceptor_.bind(*endpoint, fault);
    if (!fault) acceptor_.listen(net::socket_base::max_listen_connections, fault);
    if (fault)
      return core::host_configuration_needed("cannot listen on " + options_.listen + ": " +
                                             fault.message());
    const auto at = acceptor_.local_endpoint(fault);
    accept();
    auto count = options_.threads;
    if (count == 0)
      count = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, threads_most);
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([io = io_] { io->run(); });
    const auto address =
        at.address().is_v6() ? "[" + at.address().to_string() + "]" : at.address().to_string();
    return (tls_ ? "https://" : "http://") + address + ":" + std::to_string(at.port());
  }

  void stop_taking() {
    net::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    hub_->finish_all();
  }

  void close(std::chrono::milliseconds most) {
    if (threads_.empty()) return;
    stop_taking();
    const auto empty = std::make_shared<std::promise<void>>();
    auto waited = empty->get_future();
    hub_->when_empty([empty, told = std::make_shared<std::atomic<bool>>(false)] {
      if (!told->exchange(true)) empty->set_value();
    });
    waited.wait_for(most);
    hub_->cut_all();
    work_.reset();  // with every connection cut, the threads run out of work
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  [[nodiscard]] http_counts counts() const {
    return {hub_->size(),  hub_->accepted, hub_->requests,
            hub_->refused, hub_->stuck,    hub_->bytes_out};
  }

 private:
  void accept() {
    acceptor_.async_accept(net::make_strand(*io_), [this](error_code fault, tcp::socket socket) {
      accepted(fault, std::move(socket));
    });
  }

  void accepted(error_code fault, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (fault == net::error::no_descriptors ||
        fault == boost::system::errc::too_many_files_open_in_system ||
        fault == net::error::no_memory || fault == net::error::no_buffer_space) {
      pause_.expires_after(rest_without_descriptors);
      pause_.async_wait([this](error_code ended) {
        if (!ended) accept();
      });
      return;
    }
    if (!fault) {
      hub_->accepted.fetch_add(1, std::memory_order_relaxed);
      auto executor = socket.get_executor();
      net::dispatch(executor, [hub = hub_, tls = tls_, socket = std::move(socket)]() mutable {
        serve_connection(hub, std::move(socket), tls);
      });
    }
    accept();
  }

  http_options options_;
  std::shared_ptr<net::io_context> io_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::shared_ptr<http_hub> hub_;
  std::shared_ptr<net::ssl::context> tls_;
  tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::vector<std::thread> threads_;
};

http_server::http_server(http_handler& handler, http_options options)
    : parts_{std::make_unique<parts>(handler, std::move(options))} {}

http_server::~http_server() { parts_->close({}); }

core::outcome<std::string> http_server::start() { return parts_->start(); }

void http_server::stop_taking() { parts_->stop_taking(); }

void http_server::close(std::chrono::milliseconds most) { parts_->close(most); }

http_counts http_server::counts() const { return parts_->counts(); }

}  // namespace agentpool::tools
