#include "mcp_stdio.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include "ending.hpp"
#include "mcp_listen.hpp"
#include "mcp_server.hpp"
#include "served_pools.hpp"
#include "tools/end_signals.hpp"
#include "tools/line_reader.hpp"
#include "tools/rpc_output.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t line_bytes_max = 16U << 20;
constexpr std::size_t output_bytes_max = 8U << 20;
constexpr std::size_t under_way_max = 1'024;
/// Fewer than may be under way, so that who waits keeps no other request from being read.
constexpr std::size_t waiting_max = 512;
constexpr std::chrono::seconds drain_max{2};  ///< For a reader that takes nothing any more.

/// Whoever has the process: its user, by number.
std::string user_name() { return "local." + std::to_string(geteuid()); }

/// One client on a pipe. Messages are taken on one thread; answers come from the engine's.
class pipe_client {
 public:
  pipe_client(std::shared_ptr<const service> all, int output)
      : server_{std::make_shared<mcp_server>(std::move(all))},
        output_{std::make_shared<rpc_output>(output, output_bytes_max)} {
    connection_->notify_by([output = output_](const std::string& line) { output->write(line); });
  }

  void take(std::string_view line);
  void refuse_long_line() {
    output_->write(mcp_error_line(
        "null", {mcp_code::invalid_request,
                 "a line has at most " + std::to_string(line_bytes_max) + " bytes"}));
  }
  [[nodiscard]] bool broken() const { return output_->broken(); }

  /// What waits is told to come again, and what is under way is finished. False when the reader did
  /// not take all of it in time.
  [[nodiscard]] bool finish();

 private:
  void run(mcp_message message);
  void listen(mcp_message message);
  [[nodiscard]] tool_caller caller_of(const mcp_message& message);
  void done(const mcp_call& call, const std::string& line);

  std::shared_ptr<mcp_server> server_;
  std::shared_ptr<rpc_output> output_;
  std::shared_ptr<mcp_connection> connection_ = std::make_shared<mcp_connection>();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  ending ending_;
  std::map<std::string, std::shared_ptr<mcp_listener>> listeners_;  ///< By their requests' ids.
};

void pipe_client::take(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return under_way_ < under_way_max; });
  }
  output_->wait_for_room();
  auto read = read_mcp_message(line, nullptr);
  if (const auto* misread = std::get_if<mcp_misread>(&read))
    return output_->write(mcp_error_line(misread->id, misread->fault));
  auto& message = std::get<mcp_message>(read);
  if (message.method.empty()) return;  // answers nothing of ours
  if (!message.id.empty()) {
    if (message.method == "subscriptions/listen" && message.era == mcp_era::modern)
      return listen(std::move(message));
    return run(std::move(message));
  }
  mcp_server::take(message, connection_);
  if (message.method != "notifications/cancelled") return;
  std::shared_ptr<mcp_listener> gone;
  {
    const std::lock_guard guard{mutex_};
    const auto id = mcp_param(message, "requestId");
    const auto found = id ? listeners_.find(id->compact()) : listeners_.end();
    if (found == listeners_.end()) return;
    gone = std::move(found->second);
    listeners_.erase(found);
  }
  gone->stop();
}

tool_caller pipe_client::caller_of(const mcp_message& message) {
  tool_caller caller{server_->all(), {unrestricted_caller(user_name(), true)}};
  caller.trace = std::string{text_in(mcp_param(message, "_meta"), "traceparent").value_or("")};
  // Requests of the modern era each say all: nothing of earlier ones is remembered for them.
  if (message.era == mcp_era::legacy) caller.kept = connection_->kept;
  caller.client = message.era == mcp_era::legacy ? connection_->client() : message.client;
  caller.when_ending = [this](std::function<void()> then) {
    return ending_.when_begun(std::move(then));
  };
  caller.room = [taken = waiting_]() -> std::shared_ptr<void> {
    if (taken->fetch_add(1) < waiting_max)
      return {taken.get(), [taken](void*) { taken->fetch_sub(1); }};
    taken->fetch_sub(1);
    return nullptr;
  };
  return caller;
}

void pipe_client::run(mcp_message message) {
  auto call = std::make_shared<mcp_call>();
  call->caller = caller_of(message);
  if (message.era == mcp_era::legacy) call->connection = connection_;
  call->message = std::move(message);
  const auto gone = connection_->begin(call->message.id);
  if (!gone) return output_->write(mcp_error_line(call->message.id, id_in_use()));
  call->caller.shown.gone = gone;
  {
    const std::lock_guard guard{mutex_};
    ++under_way_;
  }
  server_->run(call, [this, call](const mcp_outcome& outcome) {
    done(*call, mcp_server::line(call->message, outcome));
  });
}

void pipe_client::done(const mcp_call& call, const std::string& line) {
  if (connection_->finish(call.message.id, call.caller.shown.gone)) output_->write(line);
  const std::lock_guard guard{mutex_};
  --under_way_;
  changed_.notify_all();
}

void pipe_client::listen(mcp_message message) {
  if (!mcp_listener::well_formed(message))
    return output_->write(mcp_error_line(
        message.id, {mcp_code::invalid_params, "notifications: must say what to be told of"}));
  const auto id = message.id;
  const auto begun = connection_->begin(id);
  if (!begun) return output_->write(mcp_error_line(id, id_in_use()));
  const auto desk = desk_of(caller_of(message));
  const auto made = std::make_shared<mcp_listener>(
      std::move(message), [output = output_](const std::string& line) { output->write(line); });
  {
    const std::lock_guard guard{mutex_};
    listeners_.insert_or_assign(id, made);
  }
  made->begin(desk, [this, id, begun, made](bool any) {
    if (any) return;
    {
      const std::lock_guard guard{mutex_};
      const auto found = listeners_.find(id);
      if (found != listeners_.end() && found->second == made) listeners_.erase(found);
    }
    if (connection_->finish(id, begun)) output_->write(made->last_line());
  });
}

bool pipe_client::finish() {
  ending_.begin();
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return under_way_ == 0; });
  const auto listeners = std::exchange(listeners_, {});
  lock.unlock();
  for (const auto& [id, each] : listeners) {
    each->stop();
    output_->write(each->last_line());
  }
  return output_->drained_within(drain_max);
}

}  // namespace

namespace {

/// What is served, and its end, which comes once.
struct served {
  served(served_pools opened, int output) : pools{std::move(opened)}, client{pools.all(), output} {}

  void end() {
    std::call_once(ended_, [this] {
      const bool told = client.finish();
      pools.pools().close();
      // Nothing ends a thread that writes to who does not read, but the end of the process.
      if (!told) std::_Exit(0);
    });
  }

  served_pools pools;
  pipe_client client;

 private:
  std::once_flag ended_;
};

}  // namespace

core::outcome<void> serve_mcp(const serve_request& request, int input, int output) {
  std::signal(SIGPIPE, SIG_IGN);
  const end_signals signals;
  auto opened = open_pools(request, "agentpool mcp");
  if (!opened) return opened.error();
  const auto at = std::make_shared<served>(std::move(*opened), output);
  // Reading input cannot be called off, so who asks to end does not wait for it.
  std::thread{[at, signals] {
    static_cast<void>(signals.wait());
    at->end();
    std::_Exit(0);
  }}.detach();
  line_reader lines{input, line_bytes_max};
  while (auto line = lines.next()) {
    if (at->client.broken()) break;
    if (line->too_long) {
      at->client.refuse_long_line();
    } else {
      at->client.take(line->text);
    }
  }
  at->end();
  return {};
}

}  // namespace agentpool::tools
