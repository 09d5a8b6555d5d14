#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/ports.hpp"
#include "agentpool/actors/stream.hpp"

namespace agentpool::actors {

/// One stream of a journal, shared by the copies of its handle. Closes it when it goes.
template <class T>
class stream_source {
 public:
  using taker = typename stream<T>::taker;

  stream_source(std::shared_ptr<pool_port> port, std::uint64_t number);
  ~stream_source();
  stream_source(const stream_source&) = delete;
  stream_source& operator=(const stream_source&) = delete;

  [[nodiscard]] core::outcome<std::optional<T>> next(std::chrono::milliseconds timeout);
  void pull(std::size_t items_max, taker take);
  void close();

 private:
  /// What `next` asked for and nobody took yet.
  struct inbox {
    std::mutex lock;
    std::condition_variable came;
    std::deque<T> items;
    std::optional<core::agent_error> ended;
    bool asked = false;
    std::atomic<bool> waits = false;  ///< The journal was asked and has not answered.
  };

  void ask(std::size_t items_max, taker take);

  std::shared_ptr<pool_port> port_;
  std::uint64_t number_;
  std::shared_ptr<inbox> inbox_ = std::make_shared<inbox>();
};

}  // namespace agentpool::actors
