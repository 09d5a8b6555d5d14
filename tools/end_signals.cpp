#include "end_signals.hpp"

#include <pthread.h>

namespace agentpool::tools {

end_signals::end_signals(std::initializer_list<int> others) {
  sigemptyset(&set_);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&set_, signal);
  for (const int signal : others) sigaddset(&set_, signal);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

int end_signals::wait() const {
  int came = 0;
  sigwait(&set_, &came);
  if (came == SIGINT || came == SIGTERM) pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  return came;
}

}  // namespace agentpool::tools
