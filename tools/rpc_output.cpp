#include "rpc_output.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace agentpool::tools {

namespace {

bool write_all(int output, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto count = ::write(output, text.data() + at, text.size() - at);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) at += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

rpc_output::rpc_output(int output, std::size_t bytes_max)
    : output_{output}, bytes_max_{bytes_max}, thread_{[this] { run(); }} {}

rpc_output::~rpc_output() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void rpc_output::write(const std::string& line) {
  bool sleeps = false;
  {
    const std::lock_guard lock{mutex_};
    if (broken_) return;
    sleeps = waiting_.empty();
    waiting_ += line;
    waiting_ += '\n';
  }
  if (sleeps) changed_.notify_all();
}

bool rpc_output::roomy() const {
  const std::lock_guard lock{mutex_};
  const bool room = waiting_.size() + in_hand_ <= bytes_max_ || broken_;
  if (!room) held_back_ = true;
  return room;
}

void rpc_output::wait_for_room() const {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return waiting_.size() + in_hand_ <= bytes_max_ || broken_; });
}

void rpc_output::drain() const {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return all_written(); });
}

bool rpc_output::drained_within(std::chrono::milliseconds most) const {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, most, [this] { return all_written(); });
}

bool rpc_output::broken() const {
  const std::lock_guard lock{mutex_};
  return broken_;
}

void rpc_output::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
    if (waiting_.empty() || broken_) return;
    const std::string text = std::exchange(waiting_, {});
    in_hand_ = text.size();
    lock.unlock();
    const bool written = write_all(output_, text);
    lock.lock();
    in_hand_ = 0;
    if (!written) broken_ = true;
    changed_.notify_all();
    if (broken_) return;
    if (!held_back_ || waiting_.size() > bytes_max_) continue;
    held_back_ = false;
    lock.unlock();
    if (then_) then_();
    lock.lock();
  }
}

}  // namespace agentpool::tools
