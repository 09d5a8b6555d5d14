#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "agentpool/core/json.hpp"
#include "bench_child.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"
#include "line_reader.hpp"
#include "rpc_message.hpp"

namespace agentpool::tools {

namespace {

using values = core::outcome<std::vector<double>>;
using steady = std::chrono::steady_clock;

constexpr std::ptrdiff_t in_flight = 1'024;
constexpr std::size_t line_bytes_max = 65'536;

std::string request_line(std::uint64_t id, std::string_view method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + std::string{method} +
         R"(","params":{"pool_id":"pool.bench")" + params + "}}";
}

std::string send_line(std::uint64_t number) {
  return request_line(number, "send", ",\"message\":" + core::to_json(bench_message(number)));
}

std::string join_line(std::uint64_t id, const core::run_id& run) {
  return request_line(id, "join_run", ",\"member\":" + core::to_json(bench_member(run)));
}

/// Reads answers on a thread of its own and gives room for as many requests.
class answer_reader {
 public:
  explicit answer_reader(int output) : thread_{[this, output] { read(output); }} {}
  ~answer_reader() { thread_.join(); }
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;

  /// Waits for room for one more request; false when the server ended or is silent for a minute.
  [[nodiscard]] bool wait_for_room() {
    return free_.try_acquire_for(std::chrono::minutes{1}) && !ended_;
  }
  /// Waits for all answers; false as above, or when one was an error.
  [[nodiscard]] bool wait_for_all() {
    for (std::ptrdiff_t one = 0; one < in_flight; ++one)
      if (!wait_for_room()) return false;
    free_.release(in_flight);
    return !refused_;
  }

 private:
  void read(int output) {
    line_reader lines{output, line_bytes_max};
    while (const auto line = lines.next()) {
      if (line->text.find("\"result\"") == std::string::npos) refused_ = true;
      free_.release();
    }
    ended_ = true;
    free_.release();
  }

  std::counting_semaphore<> free_{in_flight};
  std::atomic<bool> ended_{false};
  std::atomic<bool> refused_{false};
  std::thread thread_;
};

core::agent_error server_failed() {
  return core::store_unavailable("the server of the benchmark ended, refused or fell silent");
}

/// Sends a second, and a second of the server's processor time.
values sends(std::chrono::nanoseconds time) {
  auto server = start_child({"/proc/self/exe", "rpc", "--store", "memory"});
  if (!server) return server.error();
  answer_reader answers{(*server)->output()};
  // The reader ends with the server's output, which ends with its input.
  const auto end_input = [child = server->get()](const void*) { child->close_input(); };
  const std::unique_ptr<answer_reader, decltype(end_input)> ending{&answers, end_input};
  const auto ask = [&](const std::string& line) {
    return answers.wait_for_room() && (*server)->write(line + "\n");
  };
  if (!ask(request_line(1, "open_pool", "")) || !ask(join_line(2, bench_sender())) ||
      !ask(join_line(3, bench_receiver())) || !answers.wait_for_all())
    return server_failed();
  const auto used = (*server)->processor_time();
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + time; ++count)
    if (!ask(send_line(first_number + count))) return server_failed();
  if (!answers.wait_for_all()) return server_failed();
  const double rate = rate_since(start, count);
  const std::chrono::duration<double> processor = (*server)->processor_time() - used;
  return std::vector<double>{rate, static_cast<double>(count) / processor.count()};
}

/// Reads such requests and writes such answers, and nothing else; a second.
values parsing_and_writing(std::chrono::nanoseconds time) {
  const auto line = send_line(first_number);
  const core::message_receipt receipt{bench_message(first_number).message_id,
                                      core::message_status::delivered,
                                      {bench_receiver()},
                                      core::journal_cursor{"journal.100000000"}};
  const auto start = steady::now();
  std::uint64_t count = 0;
  std::size_t bytes = 0;
  for (; count == 0 || steady::now() < start + time; ++count) {
    const auto parsed = parse_request(line);
    const auto* request = std::get_if<rpc_request>(&parsed);
    if (request == nullptr) return core::contract_violation("the benchmark's request is none");
    const auto message = core::read_json<core::run_message>(*request->params->find("message"),
                                                            core::reading::request, "message");
    if (!message) return message.error();
    bytes += result_line(request->id, core::to_json(receipt)).size();
  }
  if (bytes == 0) return core::contract_violation("the benchmark wrote nothing");
  const double rate = rate_since(start, count);
  return std::vector<double>{rate, rate};
}

}  // namespace

std::vector<comparison_part> rpc_parts() {
  return {{"rpc/1024", [](const bench_effort& effort) -> core::outcome<bench_sides> {
             const std::string reference = "our JSON reader and writer alone, one thread";
             bench_sides sides;
             sides.measures = {
                 {"sends a second", reference, bench_goal{bench_goal::kind::ratio_at_least, 0.5}},
                 {"sends a second of the server's processor time", reference,
                  bench_goal{bench_goal::kind::at_least, 40'000}}};
             sides.ours = [time = effort.time] { return sends(time); };
             sides.reference = [time = effort.time] { return parsing_and_writing(time); };
             return sides;
           }}};
}

}  // namespace agentpool::tools
