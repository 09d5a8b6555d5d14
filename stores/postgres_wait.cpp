#include "stores/postgres_wait.hpp"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace agentpool::stores {

namespace {

/// Waits for `socket`, which -1 leaves out, and the two timers; true when the socket is ready.
bool poll_all(int socket, short events, int timer, int outer, int millis) {
  pollfd watched[] = {{socket, events, 0}, {timer, POLLIN, 0}, {outer, POLLIN, 0}};
  while (::poll(watched, 3, millis) < 0)
    if (errno != EINTR) throw std::system_error{errno, std::generic_category(), "poll"};
  return watched[0].revents != 0;
}

}  // namespace

deadline::deadline(std::chrono::milliseconds within, const deadline* outer) : outer_{outer} {
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer_ < 0) throw std::system_error{errno, std::generic_category(), "timerfd_create"};
  const auto length = std::max<std::chrono::nanoseconds>(within, std::chrono::nanoseconds{1});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(length);
  itimerspec spec{};
  spec.it_value.tv_sec = static_cast<time_t>(seconds.count());
  spec.it_value.tv_nsec = static_cast<long>((length - seconds).count());
  ::timerfd_settime(timer_, 0, &spec, nullptr);
}

deadline::~deadline() { ::close(timer_); }

bool deadline::ready(int socket, short events) const {
  return poll_all(socket, events, timer_, outer_ == nullptr ? -1 : outer_->timer_, -1);
}

bool deadline::over() const {
  pollfd timer{timer_, POLLIN, 0};
  return ::poll(&timer, 1, 0) > 0 || (outer_ != nullptr && outer_->over());
}

void deadline::pause(std::chrono::milliseconds length) const {
  static_cast<void>(poll_all(-1, 0, timer_, outer_ == nullptr ? -1 : outer_->timer_,
                             static_cast<int>(length.count())));
}

}  // namespace agentpool::stores
