#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "trace_context.hpp"

/// Spans in the JSON of OTLP 1 (https://opentelemetry.io/docs/specs/otlp).
namespace agentpool::tools {

/// What a span is to its trace; the numbers are OTLP's.
enum class span_kind : std::uint8_t { internal = 1, producer = 4 };

/// Something that took a while.
struct trace_span {
  std::string name;
  trace_context at;
  std::string parent = {};  ///< A span id of the same trace; "" for the first of it.
  span_kind kind = span_kind::internal;
  std::uint64_t begin_nanos = 0;  ///< Unix time.
  std::uint64_t end_nanos = 0;
  std::vector<std::pair<std::string_view, std::variant<std::string, std::uint64_t>>> attributes =
      {};
  std::string failure = {};  ///< Why it is an error; "" when it is none.
};

/// The body of an export request; `service` is what backends call this program.
[[nodiscard]] std::string otlp_json(std::span<const trace_span> spans, std::string_view service,
                                    std::string_view version);

}  // namespace agentpool::tools
