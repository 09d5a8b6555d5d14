#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mcp_message.hpp"
#include "mcp_resources.hpp"
#include "mcp_tasks.hpp"
#include "tool_call.hpp"

namespace agentpool::tools {

/// What a client of the era of handshakes has with the server, over one session or one pipe. Safe
/// to use from any thread.
class mcp_connection {
 public:
  static constexpr std::size_t watched_max = 64;  ///< Resources.

  const std::shared_ptr<kept_tokens> kept = std::make_shared<kept_tokens>();

  /// What the handshake agreed on.
  void greet(std::string client, std::string version);
  [[nodiscard]] std::string client() const;
  [[nodiscard]] std::string version() const;

  /// Where notifications go: lines; null: nowhere for now.
  void notify_by(std::function<void(const std::string&)> notify);
  void notify(const std::string& line) const;

  /// A request that was taken back is not answered any more: what this gives is true then. Null
  /// when another one of that id is under way.
  [[nodiscard]] std::shared_ptr<std::atomic<bool>> begin(const std::string& id);
  void cancel(const std::string& id);
  /// Calls `then` once the request is taken back, at once when it was. `begun` is as for `finish`.
  void when_cancelled(const std::string& id, const std::shared_ptr<const std::atomic<bool>>& begun,
                      std::function<void()> then);
  /// False when it was taken back. `begun` is what `begin` gave: the id may be another one's by
  /// now.
  [[nodiscard]] bool finish(const std::string& id,
                            const std::shared_ptr<const std::atomic<bool>>& begun);
  [[nodiscard]] bool busy() const;

  /// The resources that the client watches, by URI.
  /// False when it watches as many as it may.
  [[nodiscard]] bool watch(const std::string& uri, std::shared_ptr<void> watch);
  void unwatch(const std::string& uri);

 private:
  mutable std::mutex mutex_;
  std::string client_;
  std::string version_;
  std::function<void(const std::string&)> notify_;
  struct request {
    std::shared_ptr<std::atomic<bool>> cancelled;
    std::vector<std::function<void()>> told = {};  ///< When it is.
  };
  std::map<std::string, request> under_way_;
  std::map<std::string, std::shared_ptr<void>> watches_;
};

/// What a request's result says, before what its era adds.
struct mcp_result {
  std::string fields;                            ///< JSON members, without braces; may be empty.
  std::optional<std::uint64_t> ttl_millis = {};  ///< Modern: for so long a client may keep it.
  bool is_public = false;                        ///< With it: the same for every caller.
  bool is_task = false;  ///< Modern: not the result, but a task that will have it.
};
using mcp_outcome = std::variant<mcp_result, mcp_fault>;
using mcp_callback = std::function<void(mcp_outcome)>;

/// A request to be done.
struct mcp_call {
  mcp_message message;
  tool_caller caller;
  std::shared_ptr<mcp_connection> connection = {};  ///< Legacy alone.
};

/// Does what clients ask for, whatever carries it. Safe to use from any thread; nothing blocks.
class mcp_server {
 public:
  explicit mcp_server(std::shared_ptr<const service> all);

  /// Does a request and calls back once. `subscriptions/listen` is for whoever carries it.
  void run(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then);

  /// Takes a notification.
  static void take(const mcp_message& message, const std::shared_ptr<mcp_connection>& connection);

  /// The whole answer as a line, with what the era of the request adds.
  [[nodiscard]] static std::string line(const mcp_message& message, const mcp_outcome& outcome);

  [[nodiscard]] const std::shared_ptr<const service>& all() const { return all_; }

 private:
  struct method_row;

  void call_tool(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then);
  void read_resource(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then);
  void list_resources(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then);
  void subscribe(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then);
  void await_task(const std::shared_ptr<const mcp_call>& call, const std::string& id,
                  const mcp_callback& then);
  void cancel_task(const std::shared_ptr<const mcp_call>& call, const std::string& id,
                   const mcp_callback& then);
  void run_task_method(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then);

  const std::shared_ptr<const service> all_;
  const std::shared_ptr<mcp_tasks> tasks_;
};

/// What the server is, as "name", "title" and "version" of a JSON object.
[[nodiscard]] std::string mcp_server_info();

}  // namespace agentpool::tools
