#pragma once

#include <chrono>

namespace agentpool::stores {

/// A bound on waiting. A timer of the kernel keeps it, so that nobody has to ask for the time.
class deadline {
 public:
  /// Ends after `within`, or with `outer` if that comes first, which must live as long.
  explicit deadline(std::chrono::milliseconds within, const deadline* outer = nullptr);
  ~deadline();
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;

  /// Waits until `socket` is ready for one of `events` (those of poll); false when time is over.
  [[nodiscard]] bool ready(int socket, short events) const;

  /// True when time is over.
  [[nodiscard]] bool over() const;

  /// Waits so long, or until time is over.
  void pause(std::chrono::milliseconds length) const;

 private:
  int timer_ = -1;
  const deadline* outer_;
};

}  // namespace agentpool::stores
