#pragma once

#include <caf/fwd.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "agentpool/actors/watch.hpp"

namespace agentpool::sim {

class universe;
class site_life;
struct origin;

/// Writes a world's trace, one line of JSON for each message handled (docs/simulation.md).
class trace_writer {
 public:
  explicit trace_writer(std::function<void(std::string_view)> out) : out_{std::move(out)} {}

  /// The first line.
  void begin(std::uint64_t seed, std::uint64_t start_millis);
  /// A message is handled in this step.
  void handled(const universe& world, const site_life& life, std::uint64_t actor,
               const caf::mailbox_element& what, const origin& from);
  /// An actor was made in this step.
  void made(const universe& world, const std::string& actor);
  /// Something that is no message: a fault, an answer. `ids` are JSON members.
  void noted(const universe& world, std::string_view name, std::string_view ids);

 private:
  void line(const universe& world, std::string_view from, std::string_view to,
            std::string_view name, std::uint64_t cause, std::string_view ids);

  std::function<void(std::string_view)> out_;
  std::string text_;
};

}  // namespace agentpool::sim
