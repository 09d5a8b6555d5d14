#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// A program with pipes at its standard input and output. At the end of its life its input is
/// closed and it is waited for.
class child_program {
 public:
  child_program(pid_t id, int input, int output) : id_{id}, input_{input}, output_{output} {}
  ~child_program();
  child_program(const child_program&) = delete;
  child_program& operator=(const child_program&) = delete;

  /// Writes all of `text` to its input, blocking; false when it reads no more.
  [[nodiscard]] bool write(const std::string& text) const;
  void close_input();
  /// Sends it a signal.
  void send_signal(int signal) const;

  /// The file descriptor to read its output from.
  [[nodiscard]] int output() const noexcept { return output_; }

  /// What it has used so far, by all its threads.
  [[nodiscard]] std::chrono::nanoseconds processor_time() const;

 private:
  pid_t id_;
  int input_;
  int output_;
};

/// Starts a program: its path and its arguments.
[[nodiscard]] core::outcome<std::unique_ptr<child_program>> start_child(
    const std::vector<std::string>& command);

}  // namespace agentpool::tools
