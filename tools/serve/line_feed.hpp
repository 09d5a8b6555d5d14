#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "http_message.hpp"

namespace agentpool::tools {

/// Tells messages as server-sent events, each as its reader takes it. A reader that lets too many
/// wait is dropped. Safe to use from any thread.
class line_feed : public std::enable_shared_from_this<line_feed> {
 public:
  static constexpr std::size_t lines_max = 256;

  /// Without a stream, messages wait until `begin`.
  explicit line_feed(std::shared_ptr<http_stream> to = nullptr) : to_{std::move(to)} {}

  void begin(const std::shared_ptr<http_stream>& to);
  /// Adds a message; false when the feed is over.
  bool tell(const std::string& line);
  /// Tells a last one, if it is not "", and ends.
  void end(const std::string& last);
  [[nodiscard]] bool over() const;

 private:
  void write();

  mutable std::mutex mutex_;
  std::shared_ptr<http_stream> to_;
  std::deque<std::string> waiting_;
  std::string last_;  ///< Of one that ended before it began.
  bool writing_ = false;
  bool over_ = false;
};

/// The head of a stream of messages.
[[nodiscard]] http_response message_stream_head();

}  // namespace agentpool::tools
