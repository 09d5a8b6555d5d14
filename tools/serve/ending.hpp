#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace agentpool::tools {

/// The end of a server, of which whoever waits is told beforehand. What it gave may be let go after
/// it is gone itself. Safe to use from any thread.
class ending {
 public:
  /// `then` is called once when the end begins, at once when it has begun; keep what is returned
  /// for as long as that matters.
  [[nodiscard]] std::shared_ptr<void> when_begun(std::function<void()> then);
  void begin();
  [[nodiscard]] bool begun() const { return told_->begun; }

 private:
  struct listeners {
    std::atomic<bool> begun{false};
    std::mutex mutex;
    std::uint64_t last_number = 0;
    std::map<std::uint64_t, std::weak_ptr<std::function<void()>>> all;
  };
  const std::shared_ptr<listeners> told_ = std::make_shared<listeners>();
};

}  // namespace agentpool::tools
