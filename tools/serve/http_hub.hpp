#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "body_room.hpp"
#include "http_server.hpp"

namespace agentpool::tools {

/// A connection, as its server sees it. Safe to use from any thread.
class http_connection_handle {
 public:
  virtual ~http_connection_handle() = default;
  /// Ends it, whatever it is doing.
  virtual void cut() = 0;
  /// Ends it once nothing is being answered.
  virtual void finish() = 0;
  /// Ends now, or once an answer that is being written is.
  virtual void give_way() = 0;
};

/// The largest bodies that there is room for, whatever a body may have.
constexpr std::size_t bodies_at_least = 4;

/// What the connections of a server share.
class http_hub {
 public:
  /// `threads` are kept for as long as a connection may come back to them.
  http_hub(http_handler& handler, http_limits limits,
           std::shared_ptr<boost::asio::io_context> threads)
      : handler{handler},
        limits{limits},
        bodies{std::max(limits.bodies_bytes_max, bodies_at_least * limits.body_bytes_max)},
        threads_{std::move(threads)} {}

  /// Takes a connection in; when there are too many, the one that has asked nothing for longest
  /// is asked to end. Gives its number; 0 when nobody can be cut, or the server has stopped taking.
  [[nodiscard]] std::uint64_t enter(const std::shared_ptr<http_connection_handle>& connection);
  void leave(std::uint64_t number);

  /// A whole request is there: who is being answered does not make way for others.
  void busy(std::uint64_t number);
  /// Its answer begins to be written, or a stream has ended. Said before the client can know it:
  /// so clients that ask one after the other have asked nothing for longest in that order.
  void idle(std::uint64_t number);

  /// Asks each to end once it is answered; nobody enters any more.
  void finish_all();
  void cut_all();
  /// How many are open.
  [[nodiscard]] std::size_t size() const;

  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  /// Called when the last one leaves, on its thread.
  void when_empty(std::function<void()> then);

  http_handler& handler;
  const http_limits limits;
  body_room bodies;  ///< Taken as bytes come, given back when the request is answered.
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> stuck{0};
  std::atomic<std::uint64_t> bytes_out{0};

 private:
  const std::shared_ptr<boost::asio::io_context> threads_;
  [[nodiscard]] std::vector<std::shared_ptr<http_connection_handle>> all() const;

  mutable std::mutex mutex_;
  std::atomic<bool> stopped_{false};
  std::uint64_t last_number_ = 0;
  std::uint64_t last_turn_ = 0;
  struct entry {
    std::weak_ptr<http_connection_handle> connection;
    std::uint64_t turn = 0;  ///< In `idle_`; 0 while it is being answered.
  };
  std::map<std::uint64_t, entry> open_;
  std::map<std::uint64_t, std::uint64_t> idle_;  ///< Numbers by turn, the longest idle first.
  std::function<void()> empty_;
};

}  // namespace agentpool::tools
