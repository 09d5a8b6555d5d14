#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "http_hub.hpp"

namespace agentpool::tools {

/// Begins to serve a connection that was accepted; under TLS when there is a context. It lives
/// until it is over.
void serve_connection(std::shared_ptr<http_hub> hub, boost::asio::ip::tcp::socket socket,
                      const std::shared_ptr<boost::asio::ssl::context>& tls);

}  // namespace agentpool::tools
