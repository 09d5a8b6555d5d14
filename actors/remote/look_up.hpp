#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "agentpool/actors/remote/transport_options.hpp"

namespace agentpool::actors::remote {

/// The addresses of a host; `fault` says why there are none.
struct addresses {
  std::vector<boost::asio::ip::tcp::endpoint> found;
  boost::system::error_code fault;
};

/// Looks the host up; at once when it is an address. On the calling thread, for as long as the
/// system's resolver takes.
[[nodiscard]] addresses look_up(const endpoint& where);

/// The same; `then` runs on the thread of `io`. A name is asked for on a thread of its own: nothing
/// can hurry the system's resolver, and neither the next look-up nor the transport's end should
/// have to wait for it.
void look_up_apart(std::shared_ptr<boost::asio::io_context> io, const endpoint& where,
                   std::function<void(addresses)> then);

}  // namespace agentpool::actors::remote
