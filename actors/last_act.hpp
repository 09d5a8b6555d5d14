#pragma once

#include <caf/scheduled_actor.hpp>
#include <utility>

namespace agentpool::actors {

/// A handler says that nothing of weight comes after what it sends while this lives: the worker
/// that runs it will look for work at once, so that nobody need be woken for it (`sharing`).
class last_act {
 public:
  explicit last_act(bool is_last) : before_{std::exchange(under_way_, is_last)} {}
  ~last_act() { under_way_ = before_; }
  last_act(const last_act&) = delete;
  last_act& operator=(const last_act&) = delete;

  /// Whether one lives on this thread.
  [[nodiscard]] static bool under_way() noexcept { return under_way_; }

 private:
  static inline thread_local bool under_way_ = false;
  bool before_;
};

/// Whether the actor has no other message than the one that it handles.
[[nodiscard]] inline bool nothing_waits(caf::scheduled_actor& self) noexcept {
  return self.mailbox().empty();
}

}  // namespace agentpool::actors
