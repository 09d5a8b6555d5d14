#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentpool/core/outcome.hpp"

/// One line of a trace. All that is known about its JSON stands here and in trace_line.cpp.
namespace agentpool::sim {

/// What a message names, by kind, in the order in which the message does.
struct trace_ids {
  std::vector<std::string> run;
  std::vector<std::string> message;
  std::vector<std::string> wake;
  std::vector<std::string> pool;

  friend bool operator==(const trace_ids&, const trace_ids&) = default;
};

/// A field that this version does not know, as it came.
struct unknown_field {
  std::string name;
  std::string json;

  friend bool operator==(const unknown_field&, const unknown_field&) = default;
};

/// One message, at the moment at which its receiver handled it. Actors go by role and id:
/// "run:run.a", "pool:pool.a", "journal:pool.a", "store", "client:1".
struct trace_line {
  std::uint64_t at = 0;    ///< Microseconds since the trace began, or since 1970.
  std::uint64_t step = 0;  ///< Counts what is handled; no two lines have the same.
  std::string from;
  std::string to;
  std::string message;  ///< The message's name.
  trace_ids ids = {};
  /// The step at which the sender was when it sent this; none when no message made it do so.
  std::optional<std::uint64_t> cause = {};
  std::vector<unknown_field> more = {};

  friend bool operator==(const trace_line&, const trace_line&) = default;
};

/// Reads one line. The error is a contract violation whose message says which field is wrong
/// ("ids.run[1]: …") or at which byte the text is no JSON. Fields it does not know are kept.
[[nodiscard]] core::outcome<trace_line> parse_trace_line(std::string_view text);

/// The line as JSON, without a newline; reads back equal.
[[nodiscard]] std::string to_json(const trace_line& line);

/// The four lists of `ids` by their names.
[[nodiscard]] std::vector<std::pair<std::string_view, const std::vector<std::string>*>> by_kind(
    const trace_ids& ids);

/// `text` with control characters, and whatever is not UTF-8, as escapes: safe on a terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// "run=run.a,run.b message=m.1"; empty when it names nothing.
[[nodiscard]] std::string to_text(const trace_ids& ids);

/// Seconds with six digits behind the point: "0.001250".
[[nodiscard]] std::string seconds_text(std::uint64_t micros);

/// "#12 0.001250 store -> pool:pool.a records_appended pool=pool.a", for reports.
[[nodiscard]] std::string to_text(const trace_line& line);

}  // namespace agentpool::sim
