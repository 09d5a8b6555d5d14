#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

extern char** environ;

namespace agentpool::support {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// "NAME=value" of the test's own environment, replaced and joined by `added`.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string entry = *each;
    if (added.count(entry.substr(0, entry.find('='))) == 0) all.push_back(entry);
  }
  for (const auto& [name, value] : added) {
    std::string entry = name;
    all.push_back(entry.append("=").append(value));
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// A test's writes to a program that is gone are to fail, not to end the test.
void ignore_broken_pipes() {
  static const bool once = std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  (void)once;
}

}  // namespace

struct process::deadline {
  steady_clock::time_point at;

  explicit deadline(milliseconds within) : at{steady_clock::now() + within} {}
  [[nodiscard]] int left() const {
    const auto rest = std::chrono::ceil<milliseconds>(at - steady_clock::now()).count();
    return rest > 0 ? static_cast<int>(rest) : 0;
  }
};

process::process(const command_line& what) {
  ignore_broken_pipes();
  int pipes[3][2];
  for (auto& each : pipes)
    if (pipe2(each, O_CLOEXEC) != 0) fail("pipe");
  start(what, pipes);
  ::close(pipes[0][0]);
  ::close(pipes[1][1]);
  ::close(pipes[2][1]);
  input_ = pipes[0][1];
  output_.file = pipes[1][0];
  errors_.file = pipes[2][0];
  for (const int file : {input_, output_.file, errors_.file}) fcntl(file, F_SETFL, O_NONBLOCK);
  // By number: the header of glibc 2.36 does not declare the function for C++.
  end_notice_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
  if (end_notice_ < 0) fail("pidfd_open");
}

void process::start(const command_line& what, const int (&pipes)[3][2]) {
  auto arguments = what.arguments;
  arguments.insert(arguments.begin(), what.program);
  auto environment = environment_with(what.environment);
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(environment);
  id_ = fork();
  if (id_ < 0) fail("fork");
  if (id_ != 0) return;
  // The child: nothing but calls that are safe after a fork.
  ::signal(SIGPIPE, SIG_DFL);
  const bool ready = (what.directory.empty() || chdir(what.directory.c_str()) == 0) &&
                     dup2(pipes[0][0], 0) == 0 && dup2(pipes[1][1], 1) == 1 &&
                     dup2(pipes[2][1], 2) == 2;
  if (ready) execve(arguments[0].c_str(), argument_pointers.data(), environment_pointers.data());
  _exit(127);
}

process::~process() {
  if (id_ > 0 && !end_) {
    ::kill(id_, SIGKILL);
    while (waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  for (int* file : {&input_, &output_.file, &errors_.file, &end_notice_}) close(*file);
}

void process::close(int& file) {
  if (file >= 0) ::close(file);
  file = -1;
}

void process::take_in(pipe_end& stream) {
  char bytes[65536];
  while (stream.file >= 0) {
    const auto count = read(stream.file, bytes, sizeof bytes);
    if (count > 0) {
      stream.text.append(bytes, static_cast<std::size_t>(count));
    } else if (count == 0) {
      close(stream.file);
    } else if (errno != EINTR) {
      if (errno != EAGAIN) close(stream.file);
      return;
    }
  }
}

bool process::step(const deadline& until, int also, short events) {
  pollfd watched[] = {{output_.file, POLLIN, 0}, {errors_.file, POLLIN, 0}, {also, events, 0}};
  const int ready = poll(watched, 3, until.left());
  if (ready < 0 && errno != EINTR) fail("poll");
  take_in(output_);
  take_in(errors_);
  return ready != 0;
}

bool process::write(const std::string& text, milliseconds within) {
  std::size_t done = 0;
  deadline until{within};
  while (done < text.size()) {
    if (input_ < 0) return false;
    const auto count = ::write(input_, text.data() + done, text.size() - done);
    if (count > 0) {
      done += static_cast<std::size_t>(count);
      until = deadline{within};
    } else if (errno == EPIPE) {
      close_input();
      return false;
    } else if (errno != EAGAIN && errno != EINTR) {
      fail("write to the program");
    } else if (!step(until, input_, POLLOUT)) {
      throw std::runtime_error("the program does not read its input");
    }
  }
  return true;
}

void process::close_input() { close(input_); }

std::optional<std::string> process::text_of(pipe_end& stream, char end, milliseconds within) {
  const deadline until{within};
  while (true) {
    const auto at = stream.text.find(end);
    if (at != std::string::npos) {
      auto line = stream.text.substr(0, at);
      stream.text.erase(0, at + 1);
      return line;
    }
    if (stream.file < 0) {
      if (stream.text.empty()) return std::nullopt;
      return std::exchange(stream.text, {});
    }
    if (!step(until, -1, 0)) throw std::runtime_error("the program wrote no line in time");
  }
}

std::optional<std::string> process::line(milliseconds within) { return text_until('\n', within); }

std::optional<std::string> process::text_until(char end, milliseconds within) {
  return text_of(output_, end, within);
}

std::optional<std::string> process::error_line(milliseconds within) {
  return text_of(errors_, '\n', within);
}

void process::send_signal(int signal) const {
  if (!end_) ::kill(id_, signal);
}

std::optional<ended> process::ended_within(milliseconds within) {
  const deadline until{within};
  while (!end_) {
    int status = 0;
    const auto got = waitpid(id_, &status, WNOHANG);
    if (got < 0 && errno != EINTR) fail("waitpid");
    if (got == id_) {
      end_ = ended{};
      if (WIFEXITED(status)) end_->exit_code = WEXITSTATUS(status);
      if (WIFSIGNALED(status)) end_->signal = WTERMSIG(status);
    } else if (!step(until, end_notice_, POLLIN)) {
      return std::nullopt;
    }
  }
  // Whoever inherited the pipes may hold them open: what is in them now is what it wrote.
  take_in(output_);
  take_in(errors_);
  auto told = *end_;
  told.output = std::exchange(output_.text, {});
  told.errors = std::exchange(errors_.text, {});
  return told;
}

ended process::wait(milliseconds within) {
  auto told = ended_within(within);
  if (!told) throw std::runtime_error("the program did not end in time");
  return *told;
}

ended process::kill() {
  send_signal(SIGKILL);
  return wait();
}

ended run_to_end(const command_line& what, const std::string& input, milliseconds within) {
  process running{what};
  running.write(input, within);
  running.close_input();
  return running.wait(within);
}

}  // namespace agentpool::support
