#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mcp_message.hpp"
#include "mcp_resources.hpp"

namespace agentpool::tools {

/// A listener of the modern era (subscriptions/listen), whatever carries it: it is told first what
/// of its wishes became watches, then of their changes. Safe to use from any thread.
class mcp_listener : public std::enable_shared_from_this<mcp_listener> {
 public:
  static constexpr std::size_t watched_max = 64;  ///< Resources; what is named beyond is not.

  /// `tell` takes lines, and must not block.
  mcp_listener(mcp_message message, std::function<void(const std::string&)> tell)
      : message_{std::move(message)}, tell_{std::move(tell)} {}

  /// Whether the request says what it wants to be told of.
  [[nodiscard]] static bool well_formed(const mcp_message& message);

  /// Watches what the request names. `begun` is called once, after the first message, with whether
  /// anything is watched: if not, it is over.
  void begin(const std::shared_ptr<guarded_desk>& desk, const std::function<void(bool any)>& begun);

  /// Watches nothing any more.
  void stop();

  /// The request's result: the server ends the stream.
  [[nodiscard]] std::string last_line() const;

 private:
  using named_resources = std::vector<std::pair<std::string, mcp_resource>>;

  [[nodiscard]] named_resources named() const;
  [[nodiscard]] std::string acknowledgement(const std::set<std::string>& honoured) const;
  [[nodiscard]] std::string update(const std::string& uri) const;
  void watched(const std::string& uri, core::outcome<std::shared_ptr<void>> watch,
               const std::function<void(bool)>& begun);
  void changed(const std::string& uri);
  void acknowledge(const std::function<void(bool)>& begun);

  const mcp_message message_;
  const std::function<void(const std::string&)> tell_;
  std::mutex mutex_;
  std::size_t outstanding_ = 0;  ///< Resources of which it is not known whether they are watched.
  bool acknowledged_ = false;
  bool stopped_ = false;
  std::set<std::string> honoured_;
  std::set<std::string> early_;  ///< Changed before the first message was told.
  std::vector<std::shared_ptr<void>> watches_;
};

}  // namespace agentpool::tools
