#pragma once

#include <caf/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "agentpool/actors/watch.hpp"

/// The text of traces, as simulated worlds and live engines write it.
namespace agentpool::sim {

/// Names a message of the engine; "unknown" what is none. Appends what it is about as JSON members
/// ("\"run\":\"run.a\",…").
[[nodiscard]] std::string_view describe(const caf::mailbox_element& what, std::string& ids);

/// "pool:pool.a", "run:run.b", "channel:pool.a:PROGRAM".
[[nodiscard]] std::string text_of(const actors::actor_label& who);

/// A line before it is text.
struct told_line {
  std::uint64_t at = 0;  ///< Microseconds.
  std::uint64_t step = 0;
  std::string_view from = {};  ///< A JSON string; empty: a note.
  std::string_view to = {};    ///< Likewise.
  std::string_view name;
  std::uint64_t cause = 0;    ///< 0: none.
  std::string_view ids = {};  ///< JSON members.
};

/// Appends the line, without a newline.
void append_line(std::string& out, const told_line& what);

void append_number(std::string& out, std::uint64_t number);

}  // namespace agentpool::sim
