#include "stop_signals.hpp"

#include <atomic>
#include <csignal>
#include <initializer_list>

namespace agentpool::tools {

namespace {

std::atomic<int> received_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may take no lock");

extern "C" void on_stop_signal(int signal) { received_signal = signal; }

void handle(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

}  // namespace

stop_signals::stop_signals() {
  received_signal = 0;
  handle(on_stop_signal, SA_RESETHAND | SA_RESTART);
}

stop_signals::~stop_signals() { handle(SIG_DFL, 0); }

int stop_signals::received() const noexcept { return received_signal; }

}  // namespace agentpool::tools
