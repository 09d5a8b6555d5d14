#include "trace_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <utility>

#include "agentpool/sim/trace_line.hpp"
#include "real_clock.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

core::agent_error failed(const std::string& path, const std::string& doing) {
  return core::host_configuration_needed("cannot " + doing + " the trace " + sim::printable(path) +
                                         ": " + std::strerror(errno));
}

void tell(const std::string& what) {
  // One write: other threads tell things too.
  std::cerr << "agentpool: " + what + "\n" << std::flush;
}

/// An open file, and what it is called.
class trace_file {
 public:
  trace_file(std::string path, int file) : path_{std::move(path)}, file_{file} {}
  ~trace_file() { ::close(file_); }
  trace_file(const trace_file&) = delete;
  trace_file& operator=(const trace_file&) = delete;

  core::outcome<void> write(std::string_view text) const {
    while (!text.empty()) {
      const auto bytes = ::write(file_, text.data(), text.size());
      if (bytes < 0 && errno == EINTR) continue;
      if (bytes < 0) {
        auto fault = failed(path_, "write");
        tell(fault.message + "; it ends here");
        return fault;
      }
      text.remove_prefix(static_cast<std::size_t>(bytes));
    }
    return {};
  }

 private:
  std::string path_;
  int file_;
};

}  // namespace

core::outcome<std::shared_ptr<sim::trace_recorder>> record_to(const std::string& path) {
  if (path.empty()) return std::shared_ptr<sim::trace_recorder>{};
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return failed(path, "open");
  std::signal(SIGPIPE, SIG_IGN);  // A pipe whose reader went away is an error of write.
  const auto out = std::make_shared<const trace_file>(path, file);
  sim::recorder_options options;
  options.write = [out](std::string_view text) { return out->write(text); };
  options.elapsed = [start = steady::now()] {
    return std::chrono::floor<std::chrono::microseconds>(steady::now() - start);
  };
  options.start = real_clock{}.now();
  auto made = std::make_unique<sim::trace_recorder>(std::move(options));
  return std::shared_ptr<sim::trace_recorder>{
      made.release(), [path](sim::trace_recorder* recorder) {
        const std::unique_ptr<sim::trace_recorder> last{recorder};
        static_cast<void>(last->close());
        if (last->dropped() > 0)
          tell("the trace " + sim::printable(path) + " lacks " + std::to_string(last->dropped()) +
               " messages: it could not be written as fast");
      }};
}

}  // namespace agentpool::tools
