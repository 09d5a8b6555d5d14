#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace agentpool::actors::remote {

/// Every bound of a program whose pools are at nodes, beside those of its engine and transport.
struct client_limits {
  /// A request that no node has answered for so long fails: it may have been done all the same,
  /// and may be repeated with the same key. A wait of the request's own comes on top.
  std::chrono::milliseconds request_wait{30'000};
  std::chrono::milliseconds dialing_max{
      15'000};  ///< To reach a node; the transport's bounds end it.
  std::chrono::milliseconds greeting_max{5'000};  ///< From the connection to the node's welcome.
  std::chrono::milliseconds seating_max{60'000};  ///< To prove anew that it may act as its runs.
  std::chrono::milliseconds backoff_least{50};    ///< Between two tries to reach a node.
  std::chrono::milliseconds backoff_most{5'000};
  std::uint32_t hops_max = 3;      ///< Nodes that send the program on, before one has to take it.
  std::uint32_t insist_after = 2;  ///< The same for tries to reach the node that has the pool.
  std::uint64_t taken_each = 256;  ///< Messages taken before the node is told.
  std::size_t message_bytes_max = 15 << 20U;  ///< A larger request is refused.
  std::size_t node_asks_max = 1'024;          ///< Questions of no pool that are not answered.
};

}  // namespace agentpool::actors::remote
