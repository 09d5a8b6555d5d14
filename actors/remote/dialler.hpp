#pragma once

#include <memory>

#include "actors/remote/hub.hpp"

namespace agentpool::actors::remote {

/// Looks `where` up, connects within `connect_max`, and hands the socket to the hub. On the I/O
/// thread; `then` is answered once, at the latest when the hub is closed.
void dial(const std::shared_ptr<hub>& at, std::shared_ptr<boost::asio::io_context> io,
          const endpoint& where, transport::dialled then);

/// A socket that listens at `where`. From any thread; looks a name up on it.
[[nodiscard]] core::outcome<hub::tcp::acceptor> listening(hub& at, boost::asio::io_context& io,
                                                          const endpoint& where);

}  // namespace agentpool::actors::remote
