#include "bench_child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace agentpool::tools {

namespace {

/// Both ends, closed on exec.
struct pipe_ends {
  std::array<int, 2> files{-1, -1};

  [[nodiscard]] bool make() { return pipe2(files.data(), O_CLOEXEC) == 0; }
  void close_both() const {
    for (const int file : files)
      if (file >= 0) close(file);
  }
};

/// The child's id; none when it cannot be started.
pid_t spawn(const std::vector<std::string>& command, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t id = -1;
  if (posix_spawn(&id, words.front(), &actions, nullptr, words.data(), environ) != 0) id = -1;
  posix_spawn_file_actions_destroy(&actions);
  return id;
}

}  // namespace

void child_program::send_signal(int signal) const { kill(id_, signal); }

child_program::~child_program() {
  close_input();
  close(output_);
  while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool child_program::write(const std::string& text) const {
  for (std::size_t done = 0; done < text.size();) {
    const auto wrote = ::write(input_, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) return false;
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  return true;
}

void child_program::close_input() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

std::chrono::nanoseconds child_program::processor_time() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(id_, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

core::outcome<std::unique_ptr<child_program>> start_child(const std::vector<std::string>& command) {
  std::signal(SIGPIPE, SIG_IGN);  // a program that went away is an error of write
  pipe_ends input, output;
  if (!input.make() || !output.make()) {
    input.close_both();
    output.close_both();
    return core::host_configuration_needed("cannot make pipes");
  }
  const auto id = spawn(command, input.files[0], output.files[1]);
  close(input.files[0]);
  close(output.files[1]);
  auto child = std::make_unique<child_program>(id, input.files[1], output.files[0]);
  if (id < 0) return core::host_configuration_needed("cannot start " + command.front());
  return child;
}

}  // namespace agentpool::tools
