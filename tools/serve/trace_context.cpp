#include "trace_context.hpp"

#include <memory>
#include <mutex>
#include <random>

#include "guarded_desk.hpp"

namespace agentpool::tools {

namespace {

// Of "00-TRACE-SPAN-FLAGS".
constexpr std::size_t trace_at = 3;
constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_at = 36;
constexpr std::size_t span_digits = 16;
constexpr std::size_t flags_at = 53;

unsigned digit_of(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

void append_hex(std::string& out, std::uint64_t bits) {
  for (unsigned shift = 64; shift > 0; shift -= 4)
    out += "0123456789abcdef"[(bits >> (shift - 4)) & 15U];
}

/// All zeros is no id.
std::uint64_t some(const random_bits& random) {
  const auto bits = random();
  return bits == 0 ? 1 : bits;
}

}  // namespace

std::optional<trace_context> read_traceparent(std::string_view text) {
  if (!is_traceparent(text)) return std::nullopt;
  return trace_context{std::string{text.substr(trace_at, trace_digits)},
                       std::string{text.substr(span_at, span_digits)},
                       (digit_of(text[flags_at + 1]) & 1U) != 0};
}

std::string to_traceparent(const trace_context& at) {
  return "00-" + at.trace_id + "-" + at.span_id + (at.sampled ? "-01" : "-00");
}

random_bits machine_random() {
  struct source {
    std::mutex mutex;
    std::mt19937_64 engine;
  };
  const auto from = std::make_shared<source>();
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device()};
  from->engine.seed(seed);
  return [from] {
    const std::lock_guard guard{from->mutex};
    return from->engine();
  };
}

trace_context child_of(const std::optional<trace_context>& parent, const random_bits& random) {
  trace_context made;
  if (parent) {
    made.trace_id = parent->trace_id;
    made.sampled = parent->sampled;
  } else {
    append_hex(made.trace_id, some(random));
    append_hex(made.trace_id, random());
  }
  append_hex(made.span_id, some(random));
  return made;
}

}  // namespace agentpool::tools
