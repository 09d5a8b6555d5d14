#include <algorithm>
#include <array>
#include <cstdio>

#include "agentpool/core/json_tree.hpp"
#include "agentpool/sim/trace_export.hpp"

namespace agentpool::sim {

namespace {

/// A slice is shown so long, unless the next one begins before.
constexpr std::uint64_t slice_nanos_max = 1'000;

/// When each line is shown, in nanoseconds: as it was, but each at least one after the one before,
/// so that steps of one moment keep their order.
std::vector<std::uint64_t> moments(const trace& what) {
  std::vector<std::uint64_t> nanos;
  // Counted from the first line: since 1970 there were too many nanoseconds for a double.
  const auto begin = what.size() == 0 ? 0 : what.lines().front().at;
  std::uint64_t next = 0;
  for (const auto& line : what.lines()) {
    const auto micros = line.at - std::min(begin, line.at);
    nanos.push_back(std::max(next, std::min(micros, std::uint64_t{1} << 50U) * 1'000));
    next = nanos.back() + 1;
  }
  return nanos;
}

/// Microseconds, as the format has them.
std::string micros_text(std::uint64_t nanos) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%llu.%03u",
                static_cast<unsigned long long>(nanos / 1'000),
                static_cast<unsigned>(nanos % 1'000));
  return text.data();
}

std::string quoted(const std::string& text) {
  std::string out;
  core::write_json_string(out, text);
  return out;
}

std::string event(const char* phase, std::size_t actor, std::uint64_t nanos) {
  return std::string{",\n{\"ph\":\""} + phase +
         "\",\"pid\":1,\"tid\":" + std::to_string(actor + 1) + ",\"ts\":" + micros_text(nanos);
}

void append_flow(std::string& out, const trace& what, std::size_t line, std::size_t cause,
                 const std::vector<std::uint64_t>& nanos) {
  const auto name = ",\"cat\":\"message\",\"name\":" + quoted(what.lines()[line].message) +
                    ",\"id\":" + std::to_string(what.lines()[line].step);
  out += event("s", what.place(cause).actor, nanos[cause]) + name + "}";
  out += event("f", what.place(line).actor, nanos[line]) + name + ",\"bp\":\"e\"}";
}

}  // namespace

std::string to_perfetto(const trace& what) {
  std::string out =
      "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
      "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"agentpool\"}}";
  for (std::size_t i = 0; i < what.actors().size(); ++i)
    out += ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":" + std::to_string(i + 1) +
           ",\"name\":\"thread_name\",\"args\":{\"name\":" + quoted(what.actors()[i]) + "}}";
  const auto nanos = moments(what);
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto& line = what.lines()[i];
    const auto gap = i + 1 < what.size() ? nanos[i + 1] - nanos[i] : slice_nanos_max;
    out += event("X", what.place(i).actor, nanos[i]) +
           ",\"dur\":" + micros_text(std::min(gap, slice_nanos_max)) +
           ",\"cat\":\"message\",\"name\":" + quoted(line.message) + ",\"args\":" + to_json(line) +
           "}";
    if (const auto cause = what.cause(i)) append_flow(out, what, i, *cause, nanos);
  }
  return out + "\n]}\n";
}

}  // namespace agentpool::sim
