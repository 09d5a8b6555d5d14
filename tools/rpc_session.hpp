#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "pool_desk.hpp"
#include "rpc_message.hpp"
#include "rpc_methods.hpp"
#include "rpc_output.hpp"
#include "rpc_streams.hpp"

namespace agentpool::tools {

/// Bounds of one client.
struct rpc_limits {
  std::size_t line_bytes_max = 16U << 20;   ///< Of a request.
  std::size_t under_way_max = 1024;         ///< Requests not answered yet; then input waits.
  std::size_t waiting_max = 65'536;         ///< Requests that wait for what comes; then refused.
  std::size_t output_bytes_max = 8U << 20;  ///< Waiting to be read; then input waits.
};

/// Answers one client's requests. Lines are taken on one thread; answers come from the engine's.
class rpc_session {
 public:
  /// With `program` the pools are at nodes: joining answers the run's token, and takes one.
  rpc_session(actors::engine& engine, int output, rpc_limits limits = {},
              actors::remote::client* program = nullptr);

  /// Takes one line of input; waits while too much is under way.
  void take(std::string_view line);

  /// Answers a line longer than the bound.
  void refuse_long_line();

  /// Finishes what is under way and tells streams to their end. Take nothing afterwards.
  void finish();

  /// Nobody reads the answers any more.
  [[nodiscard]] bool broken() const { return output_.broken(); }

 private:
  void run(const rpc_request& request);
  void subscribe(const rpc_request& request);
  void watch(const rpc_request& request);
  void unsubscribe(const rpc_request& request);

  /// Counts a request as under way until `done`; `waiting` ones hold up nothing.
  void begin(bool waiting = false);
  [[nodiscard]] bool too_many_wait();
  void done(bool waiting = false);
  /// Waits until all that take effect at once are answered.
  void wait_for_effects();

  template <class T, class Write>
  actors::callback<T> answer_with(const rpc_request& request, Write write);
  void answer(const std::string& id, std::string_view result);
  void answer(const std::string& id, const core::agent_error& error);
  void refuse(const std::string& id, const rpc_fault& fault);
  void refuse(const std::string& id, rpc_code code, std::string_view why);

  actors::engine& engine_;
  rpc_limits limits_;
  std::shared_ptr<owner_desk> desk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  std::size_t waiting_ = 0;  ///< Of them, those that only wait.
  rpc_output output_;        ///< Its thread ends before what it calls goes.
  rpc_streams streams_;
};

}  // namespace agentpool::tools
