#include "trace_writer.hpp"

#include <caf/mailbox_element.hpp>

#include "agentpool/core/json_tree.hpp"
#include "trace_text.hpp"
#include "universe.hpp"

namespace agentpool::sim {

void trace_writer::begin(std::uint64_t seed, std::uint64_t start_millis) {
  out_("{\"trace\":\"agentpool\",\"version\":1,\"seed\":" + std::to_string(seed) +
       ",\"start_millis\":" + std::to_string(start_millis) + "}");
}

void trace_writer::line(const universe& world, std::string_view from, std::string_view to,
                        std::string_view name, std::uint64_t cause, std::string_view ids) {
  const auto json = [](std::string_view actor) {
    std::string text;
    if (!actor.empty()) core::write_json_string(text, actor);
    return text;
  };
  text_.clear();
  const auto at = static_cast<std::uint64_t>(world.elapsed().count());
  append_line(text_, {at, world.step(), json(from), json(to), name, cause, ids});
  out_(text_);
}

void trace_writer::handled(const universe& world, const site_life& life, std::uint64_t actor,
                           const caf::mailbox_element& what, const origin& from) {
  std::string ids;
  const auto name = describe(what, ids);
  const bool clock = name == "timer_due";
  const std::string sender = from.sender > 0
                                 ? (from.life != nullptr ? *from.life : life).name_of(from.sender)
                             : clock ? "clock"
                                     : "world";
  line(world, sender, life.name_of(actor), name, from.step, ids);
}

void trace_writer::made(const universe& world, const std::string& actor) {
  line(world, {}, actor, "made", 0, {});
}

void trace_writer::noted(const universe& world, std::string_view name, std::string_view ids) {
  const auto present = world.present();
  line(world, {}, {}, name, present.step, ids);
}

}  // namespace agentpool::sim
