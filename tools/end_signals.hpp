#pragma once

#include <csignal>
#include <initializer_list>

namespace agentpool::tools {

/// SIGINT and SIGTERM, which ask the program to end, and others that it wants to know of. Made
/// before any thread, so that none of them is interrupted; once it was asked to end, a second
/// signal ends the program at once.
class end_signals {
 public:
  explicit end_signals(std::initializer_list<int> others = {});

  /// Waits for one of them and says which.
  [[nodiscard]] int wait() const;

 private:
  sigset_t set_{};
};

}  // namespace agentpool::tools
