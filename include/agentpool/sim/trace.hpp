#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/sim/trace_line.hpp"

namespace agentpool::sim {

/// A message's place: the `nth` (from 0) of those that `actor` handled.
struct trace_place {
  std::size_t actor = 0;
  std::size_t nth = 0;

  friend bool operator==(const trace_place&, const trace_place&) = default;
};

/// A whole trace: its lines by step, who handled what in which order, and what caused what. A
/// cause that is not among the lines (the file began later) counts as none. A note counts as
/// handled by the actor that it is about, else by the one whose step it was, else by "world".
class trace {
 public:
  /// Of no lines.
  trace() = default;

  /// Puts the lines in the order of their steps, those of one step as they come. Contract
  /// violation: two messages have the same step, or a cause is not before its effect.
  [[nodiscard]] static core::outcome<trace> of(std::vector<trace_line> lines);

  /// The number of the last line in its file where that was left out, since its end is missing:
  /// whoever wrote it was killed, or the disk was full.
  [[nodiscard]] std::optional<std::size_t> torn_line() const noexcept { return torn_line_; }

  [[nodiscard]] const std::vector<trace_line>& lines() const noexcept { return lines_; }
  [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }

  /// The index of the message with that step; without one, of the first note.
  [[nodiscard]] std::optional<std::size_t> find(std::uint64_t step) const noexcept;

  /// The index of the line that `line` was sent at.
  [[nodiscard]] std::optional<std::size_t> cause(std::size_t line) const {
    return causes_.at(line);
  }

  /// Every actor that sent or handled something, in the order of first appearance.
  [[nodiscard]] const std::vector<std::string>& actors() const noexcept { return actors_; }
  /// Who sent it; of a note who handled it.
  [[nodiscard]] std::size_t sender(std::size_t line) const { return senders_.at(line); }
  [[nodiscard]] trace_place place(std::size_t line) const { return places_.at(line); }

  /// The lines that an actor handled, in order.
  [[nodiscard]] const std::vector<std::size_t>& handled(std::size_t actor) const {
    return handled_.at(actor);
  }

 private:
  std::vector<trace_line> lines_;
  std::vector<std::optional<std::size_t>> causes_;
  std::vector<std::string> actors_;
  std::vector<std::size_t> senders_;
  std::vector<trace_place> places_;
  std::vector<std::vector<std::size_t>> handled_;
  std::optional<std::size_t> torn_line_;

  friend core::outcome<trace> read_trace(std::string_view text, std::string_view name);
};

/// Bytes that a line may have.
inline constexpr std::size_t trace_line_bytes_max = std::size_t{1} << 20U;

/// Reads a trace out of the text of a file; blank lines are skipped, and so is a heading. A last
/// line that is no JSON and has no newline, behind others, counts as torn and is left out. The
/// error is a contract violation that begins with "NAME:LINE: ".
[[nodiscard]] core::outcome<trace> read_trace(std::string_view text, std::string_view name);

/// Which lines to look at. Empty means: any.
struct trace_filter {
  std::string run;
  std::string pool;
  std::string message;  ///< A message id.
  std::string wake;
  std::string name;  ///< The message's name; it and the two below may hold `*`.
  std::string from;
  std::string to;
  std::uint64_t after = 0;                ///< Steps from here on.
  std::optional<std::uint64_t> before{};  ///< Steps up to here.

  /// The ids have to be named by the message, or be that of its sender or receiver.
  [[nodiscard]] bool allows(const trace_line& line) const;
};

/// The lines that the filter allows as a trace of their own.
[[nodiscard]] trace filtered(const trace& whole, const trace_filter& filter);

/// The lines as a table with a heading.
[[nodiscard]] std::string to_table(const trace& what);

}  // namespace agentpool::sim
