#include "http_connection.hpp"

#include <utility>

#include "http_connection_answering.hpp"
#include "http_connection_reading.hpp"

namespace agentpool::tools {

namespace net = boost::asio;
namespace beast = boost::beast;
using http_detail::connection;
using net::ip::tcp;

void serve_connection(std::shared_ptr<http_hub> hub, tcp::socket socket,
                      const std::shared_ptr<net::ssl::context>& tls) {
  if (tls) {
    std::make_shared<connection<beast::ssl_stream<tcp::socket>>>(std::move(hub), std::move(socket),
                                                                 *tls)
        ->start();
  } else {
    std::make_shared<connection<tcp::socket>>(std::move(hub), std::move(socket))->start();
  }
}

}  // namespace agentpool::tools
