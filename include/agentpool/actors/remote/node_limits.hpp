#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace agentpool::actors::remote {

/// Every bound of a node beside those of its engine and its transport, with its unit.
struct node_limits {
  /// A run whose connection is gone leaves its pool after so long, unless it comes back.
  std::chrono::milliseconds grace{30'000};
  /// A node that has not renewed its lease for so long counts as gone; it renews three times as
  /// often. The clocks of the nodes should agree to a fraction of it.
  std::chrono::milliseconds lease{3'000};
  std::chrono::milliseconds retry_after{200};  ///< Before the store is asked again that failed.
  std::uint32_t hops_max = 3;                  ///< Nodes that send a program on, then it is taken.
  std::size_t sessions_max = 4'096;            ///< Programs that are connected.
  std::size_t sessions_each_max = 8;           ///< Sessions of one program at one time.
  std::size_t pools_max = 8'000;               ///< Pools that the node takes.
  /// A pool that nobody has a channel to, and whose members all live elsewhere, is given back after
  /// so long, or a third of a lease later.
  std::chrono::milliseconds pool_idle{300'000};
  std::size_t channels_max = 1'000;   ///< Pools of one session.
  std::size_t runs_max = 200'000;     ///< Seats of one channel.
  std::size_t streams_max = 1'000;    ///< Streams of one channel.
  std::size_t denied_max = 1'000;     ///< Runs whose denials a channel tells of.
  std::size_t requests_max = 32'768;  ///< Of one session that are not answered yet.
  /// Messages to a channel that it has not taken: one more, and it is closed.
  std::size_t untaken_max = 65'536;
  std::size_t untaken_bytes_max = 256 << 20U;      ///< The same in bytes, about.
  std::size_t entries_max = 256;                   ///< Inbox entries of one message, about.
  std::chrono::milliseconds wait_slice{10'000};    ///< What waits is asked again so often.
  std::chrono::milliseconds denial_pause{60'000};  ///< Between two events of denials of one run.
  std::size_t waiting_seats_max = 16;              ///< Requests for one run's seat that wait.
  std::size_t registry_page = 1'000;               ///< Rows read or written at one time.
  std::size_t answer_bytes_max = 15 << 20U;        ///< A larger answer is refused: ask for less.
};

}  // namespace agentpool::actors::remote
