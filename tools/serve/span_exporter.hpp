#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "http_post.hpp"
#include "otlp.hpp"

namespace agentpool::tools {

/// Bounds of an exporter.
struct span_limits {
  std::size_t queue_max = 8'192;                  ///< Spans that wait; further ones are dropped.
  std::size_t batch_max = 512;                    ///< Spans of one request.
  std::chrono::milliseconds gather{1'000};        ///< From the first span to its request, about.
  std::chrono::milliseconds attempt_max{10'000};  ///< For one request.
  std::size_t attempts_max = 5;                   ///< Of one batch; then it is dropped.
  std::chrono::milliseconds backoff_first{500};   ///< Before the second one; doubled each time.
  std::chrono::milliseconds backoff_most{10'000};
  std::chrono::milliseconds closing_max{3'000};  ///< For what waits when it closes.
};

/// What became of spans.
struct span_counts {
  std::uint64_t exported = 0;
  std::uint64_t dropped_full = 0;         ///< There was no room for them.
  std::uint64_t dropped_undelivered = 0;  ///< Nobody took them in all attempts.
  std::uint64_t dropped_refused = 0;      ///< The collector did not want them.
  std::uint64_t failed_attempts = 0;      ///< Requests.
};

/// Posts the body within that time, or until it is asked to stop.
using span_sender =
    std::function<post_result(const std::string&, std::chrono::milliseconds, std::stop_token)>;

/// Sends spans to a collector, in batches, on a thread of its own. What cannot be delivered is
/// dropped and counted; nobody who gives spans waits for it.
class span_exporter {
 public:
  span_exporter(span_sender send, std::string service, span_limits limits = {});
  /// Closes.
  ~span_exporter();
  span_exporter(const span_exporter&) = delete;
  span_exporter& operator=(const span_exporter&) = delete;

  /// On any thread; does not block.
  void take(trace_span span);

  /// Sends what waits, for `closing_max` at most and without further attempts; drops the rest.
  void close();

  [[nodiscard]] span_counts counts() const;

 private:
  void run();
  [[nodiscard]] std::vector<trace_span> next_batch();
  void deliver(const std::vector<trace_span>& batch);
  /// Waits before the next attempt; false when there is to be none.
  [[nodiscard]] bool rest(std::chrono::milliseconds time);

  const span_sender send_;
  const std::string service_;
  const span_limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<trace_span> waiting_;
  span_counts counts_;
  bool closing_ = false;
  bool over_ = false;  ///< The thread has nothing left to do.
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace agentpool::tools
