#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"

/// One line of a trace. All that is known about its JSON stands here and in trace_line.cpp.
namespace agentpool::sim {

/// What a message tells of itself: ids ("run", "message", "wake", "pool", "event") and a few plain
/// values ("ask", "status", "sequence", …), one or several of each.
struct trace_fact {
  enum class form : std::uint8_t { text, literal, list };

  std::string name;
  std::vector<std::string> values;
  form written = form::text;  ///< As text, as a number or true or false, as a list of texts.

  friend bool operator==(const trace_fact&, const trace_fact&) = default;
};

/// A field that this version does not know, as it came.
struct unknown_field {
  std::string name;
  std::string json;

  friend bool operator==(const unknown_field&, const unknown_field&) = default;
};

/// One message, at the moment at which its receiver handled it; or a note, which has no sender, of
/// something that is no message: a fault, an actor made. Actors go by role and id, behind the
/// engine where there are several: "run:run.a", "store", "e0/pool:pool.a", "client:1".
struct trace_line {
  std::uint64_t at = 0;    ///< Microseconds since the trace began, or since 1970.
  std::uint64_t step = 0;  ///< Counts the messages handled; a note has that of its moment.
  std::string from = {};
  std::string to = {};  ///< Empty for a note that is about no actor.
  std::string message;  ///< The message's name.
  std::vector<trace_fact> ids = {};
  /// The step at which the sender was when it sent this; none when no message made it do so.
  std::optional<std::uint64_t> cause = {};
  std::vector<unknown_field> more = {};

  [[nodiscard]] bool is_note() const noexcept { return from.empty(); }

  /// The values of a fact; none when it is not there.
  [[nodiscard]] const std::vector<std::string>& values(std::string_view name) const;

  /// Whether the message, or the request or answer that it carries, has a name like that; `*`
  /// stands for any text.
  [[nodiscard]] bool is_called(std::string_view name) const;

  friend bool operator==(const trace_line&, const trace_line&) = default;
};

/// Reads one line. The error is a contract violation whose message says which field is wrong
/// ("ids.run[1]: …") or at which byte the text is no JSON. Fields it does not know are kept.
[[nodiscard]] core::outcome<trace_line> parse_trace_line(std::string_view text);

/// Whether the text is the line that a trace may begin with, which says what made it. The error: it
/// is, of a version that is not known.
[[nodiscard]] core::outcome<bool> is_trace_heading(std::string_view text);

/// The line as JSON, without a newline; reads back equal.
[[nodiscard]] std::string to_json(const trace_line& line);

/// What an actor's name says.
struct actor_name {
  std::string_view engine;  ///< With the '/' behind it.
  std::string_view role;
  std::string_view id;  ///< Empty for a role that there is once.
};
[[nodiscard]] actor_name split_actor(std::string_view actor) noexcept;

/// Whether `text` is what `pattern` says, where `*` stands for any text.
[[nodiscard]] bool is_like(std::string_view text, std::string_view pattern) noexcept;

/// `text` with control characters, and whatever is not UTF-8, as escapes: safe on a terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// "run=run.a,run.b message=m.1"; empty when there are none.
[[nodiscard]] std::string to_text(const std::vector<trace_fact>& ids);

/// Seconds with six digits behind the point: "0.001250".
[[nodiscard]] std::string seconds_text(std::uint64_t micros);

/// "#12 0.001250 store -> pool:pool.a records_appended number=3", for reports.
[[nodiscard]] std::string to_text(const trace_line& line);

}  // namespace agentpool::sim
