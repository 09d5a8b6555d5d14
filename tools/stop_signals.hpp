#pragma once

namespace agentpool::tools {

/// While it lives, the first SIGINT or SIGTERM asks the program to end; another one ends it at
/// once. One object at a time.
class stop_signals {
 public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// The signal that came; 0 when none did.
  [[nodiscard]] int received() const noexcept;
};

}  // namespace agentpool::tools
