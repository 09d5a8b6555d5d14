#include "trace_writer.hpp"

#include <caf/mailbox_element.hpp>

#include "agentpool/core/json_tree.hpp"
#include "universe.hpp"

namespace agentpool::sim {

void trace_writer::begin(std::uint64_t seed, std::uint64_t start_millis) {
  out_("{\"trace\":\"agentpool\",\"version\":1,\"seed\":" + std::to_string(seed) +
       ",\"start_millis\":" + std::to_string(start_millis) + "}");
}

void trace_writer::line(const universe& world, std::string_view from, std::string_view to,
                        std::string_view name, std::uint64_t cause, std::string_view ids) {
  text_ = "{\"at\":";
  text_ += std::to_string(world.elapsed().count());
  text_ += ",\"step\":";
  text_ += std::to_string(world.step());
  if (!from.empty()) {
    text_ += ",\"from\":";
    core::write_json_string(text_, from);
  }
  if (!to.empty()) {
    text_ += ",\"to\":";
    core::write_json_string(text_, to);
  }
  text_ += ",\"name\":\"";
  text_ += name;
  text_ += '"';
  if (cause > 0) text_ += ",\"cause\":" + std::to_string(cause);
  if (!ids.empty()) {
    text_ += ",\"ids\":{";
    text_ += ids;
    text_ += '}';
  }
  text_ += '}';
  out_(text_);
}

void trace_writer::handled(const universe& world, const node_life& life, std::uint64_t actor,
                           const caf::mailbox_element& what, const origin& from) {
  const auto told = describe(what);
  const bool clock = told.name == "timer_due";
  const std::string sender = from.sender > 0 ? life.name_of(from.sender)
                             : clock         ? "clock"
                                             : "world";
  line(world, sender, life.name_of(actor), told.name, from.step, told.ids);
}

void trace_writer::made(const universe& world, const std::string& actor) {
  line(world, {}, actor, "made", 0, {});
}

void trace_writer::noted(const universe& world, std::string_view name, std::string_view ids) {
  const auto present = world.present();
  line(world, {}, {}, name, present.step, ids);
}

}  // namespace agentpool::sim
