#pragma once

#include <chrono>
#include <memory>

#include "agentpool/core/commands.hpp"
#include "http_message.hpp"
#include "tools/pool_desk.hpp"

/// Who looks on while a server works: for metrics and traces. Everything here is called on any
/// thread and must not block or throw.
namespace agentpool::tools {

/// Sees what becomes of the requests to one address.
class route_watch {
 public:
  virtual ~route_watch() = default;
  /// One was refused before its body was read.
  virtual void on_refused(unsigned status) = 0;
  /// One begins to be handled: gives what is to be answered in place of `exchange`.
  [[nodiscard]] virtual std::shared_ptr<http_exchange> handling(
      std::shared_ptr<http_exchange> exchange) = 0;
};

/// Sees what callers ask of pools.
class desk_watch {
 public:
  virtual ~desk_watch() = default;
  /// Gives what is to be told the answer in place of `then`.
  [[nodiscard]] virtual actors::callback<core::answer> asking(
      const core::command& what, std::chrono::milliseconds wait,
      actors::callback<core::answer> then) = 0;
  [[nodiscard]] virtual actors::callback<seat_told> joining(actors::callback<seat_told> then) = 0;
  /// Somebody wanted to read what it may not.
  virtual void on_denied() = 0;
};

/// Sees the messages that callers send.
class send_watch {
 public:
  virtual ~send_watch() = default;
  /// One that its caller may send, before the pool has it; it may be changed. Gives what is to be
  /// told the receipt in place of `then`.
  [[nodiscard]] virtual actors::callback<core::answer> sending(
      const core::pool_id& pool, core::run_message& message,
      actors::callback<core::answer> then) = 0;
};

}  // namespace agentpool::tools
