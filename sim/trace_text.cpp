#include "trace_text.hpp"

#include <array>
#include <charconv>

namespace agentpool::sim {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_line(std::string& out, const told_line& what) {
  out += "{\"at\":";
  append_number(out, what.at);
  out += ",\"step\":";
  append_number(out, what.step);
  if (!what.from.empty()) out.append(",\"from\":").append(what.from);
  if (!what.to.empty()) out.append(",\"to\":").append(what.to);
  out.append(",\"name\":\"").append(what.name) += '"';
  if (what.cause > 0) {
    out += ",\"cause\":";
    append_number(out, what.cause);
  }
  if (!what.ids.empty()) out.append(",\"ids\":{").append(what.ids) += '}';
  out += '}';
}

std::string text_of(const actors::actor_label& who) {
  using actors::actor_role;
  const auto& pool = who.pool.text();
  switch (who.role) {
    case actor_role::store: return "store";
    case actor_role::pool: return "pool:" + pool;
    case actor_role::journal: return "journal:" + pool;
    case actor_role::run: return "run:" + who.run.text();
    case actor_role::gateway: return "gateway";
    case actor_role::directory: return "directory";
    case actor_role::session: return "session:" + who.peer;
    case actor_role::attendance: return "attendance:" + pool;
    case actor_role::channel: return "channel:" + pool + ":" + who.peer;
    case actor_role::link: return "link:" + who.peer;
    case actor_role::standin: return "standin:" + pool;
  }
  return {};
}

}  // namespace agentpool::sim
