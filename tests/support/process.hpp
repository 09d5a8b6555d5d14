// Another program, started by a test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace agentpool::support {

/// What to start.
struct command_line {
  std::string program;
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};  ///< Added to the test's own.
  std::string directory = {};  ///< Where it runs; empty: where the test does.
};

/// How a program ended, and what it wrote that nobody had read before.
struct ended {
  int exit_code = -1;  ///< -1 when a signal ended it.
  int signal = 0;      ///< 0 when it ended by itself.
  std::string output;
  std::string errors;
};

/// How long a test waits for what comes at once on a machine that is not overloaded.
inline constexpr std::chrono::milliseconds process_wait_max{60'000};

/// A program with pipes at its standard input, output and errors. Waiting for one stream takes in
/// the other one too, so a talkative program never blocks. For one thread. What still runs at the
/// end of its scope is killed.
class process {
 public:
  /// Starts it; throws when it cannot be started.
  explicit process(const command_line& what);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }

  /// Writes all of `text` to its standard input; false when the program reads no more. Takes in
  /// what it writes meanwhile. Throws when it takes nothing for `within`.
  bool write(const std::string& text, std::chrono::milliseconds within = process_wait_max);
  /// Ends its standard input.
  void close_input();

  /// Its next line on standard output, without the newline; none once there is no more (an
  /// unfinished last line counts). Throws when there is neither within `within`.
  std::optional<std::string> line(std::chrono::milliseconds within = process_wait_max);
  /// The same with another character than a newline at its end.
  std::optional<std::string> text_until(char end,
                                        std::chrono::milliseconds within = process_wait_max);
  /// Its next line on standard errors.
  std::optional<std::string> error_line(std::chrono::milliseconds within = process_wait_max);

  /// Sends it a signal; nothing when it has been waited for.
  void send_signal(int signal) const;

  /// Waits for its end and takes in all that it wrote; none when it still runs after `within`.
  std::optional<ended> ended_within(std::chrono::milliseconds within);
  /// The same; throws when it still runs after `within`.
  ended wait(std::chrono::milliseconds within = process_wait_max);
  /// SIGKILL, then its end.
  ended kill();

 private:
  struct pipe_end {
    int file = -1;
    std::string text;
  };
  struct deadline;

  void start(const command_line& what, const int (&pipes)[3][2]);
  std::optional<std::string> text_of(pipe_end& stream, char end, std::chrono::milliseconds within);
  /// Waits once for the two streams and for `events` of the file `also` (-1: for nothing else),
  /// and takes in what was written; false when time is over.
  bool step(const deadline& until, int also, short events);
  static void take_in(pipe_end& stream);
  static void close(int& file);

  pid_t id_ = -1;
  int end_notice_ = -1;  ///< A pidfd: readable once the program has ended.
  int input_ = -1;
  pipe_end output_;
  pipe_end errors_;
  std::optional<ended> end_;
};

/// Starts the program, gives it `input` and waits for its end.
ended run_to_end(const command_line& what, const std::string& input = {},
                 std::chrono::milliseconds within = process_wait_max);

}  // namespace agentpool::support
