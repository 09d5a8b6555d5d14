#pragma once

#include <cstdint>
#include <string_view>

#include "agentpool/core/record.hpp"

/// What is to go wrong in a world whose engines are nodes, beside what `fault_plan.hpp` names:
/// there `engine` counts the nodes. Nodes and programs count from 0; writes of a node's registry
/// from 1, over all its lives; time from the world's start.
namespace agentpool::sim {

/// A node and a program do not reach each other for a while; their connections are lost.
struct cut_network {
  static constexpr std::string_view type = "cut_network";

  std::uint64_t node = 0;
  std::uint64_t program = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t for_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("program", self.program, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("for_millis", self.for_millis);
  }
  friend bool operator==(const cut_network&, const cut_network&) = default;
};

/// Their connections are lost; they reach each other again at once.
struct reset_network {
  static constexpr std::string_view type = "reset_network";

  std::uint64_t node = 0;
  std::uint64_t program = 0;
  std::uint64_t at_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("program", self.program, core::presence::defaulted);
    visit("at_millis", self.at_millis);
  }
  friend bool operator==(const reset_network&, const reset_network&) = default;
};

/// For a while nothing that one sends arrives at the other; the connections stay.
struct stall_network {
  static constexpr std::string_view type = "stall_network";

  std::uint64_t node = 0;
  std::uint64_t program = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t for_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("program", self.program, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("for_millis", self.for_millis);
  }
  friend bool operator==(const stall_network&, const stall_network&) = default;
};

/// The node does nothing while time passes, perhaps for longer than its lease; then it goes on.
struct freeze_node {
  static constexpr std::string_view type = "freeze_node";

  std::uint64_t node = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t for_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("for_millis", self.for_millis);
  }
  friend bool operator==(const freeze_node&, const freeze_node&) = default;
};

/// The same of a program.
struct freeze_program {
  static constexpr std::string_view type = "freeze_program";

  std::uint64_t program = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t for_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("program", self.program, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("for_millis", self.for_millis);
  }
  friend bool operator==(const freeze_program&, const freeze_program&) = default;
};

/// The program dies; its next life has the secrets of its runs, unless it forgets them.
struct crash_program {
  static constexpr std::string_view type = "crash_program";

  std::uint64_t program = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t down_millis = 0;
  bool forgets = false;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("program", self.program, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("down_millis", self.down_millis, core::presence::defaulted);
    visit("forgets", self.forgets, core::presence::defaulted);
  }
  friend bool operator==(const crash_program&, const crash_program&) = default;
};

/// From the node's n-th write to the registry on so many fail, and write nothing.
struct fail_registry {
  static constexpr std::string_view type = "fail_registry";

  std::uint64_t node = 0;
  std::uint64_t write = 1;
  std::uint64_t count = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("write", self.write);
    visit("count", self.count, core::presence::defaulted);
  }
  friend bool operator==(const fail_registry&, const fail_registry&) = default;
};

/// The n-th write is done and is answered with an error all the same.
struct lose_registry_answer {
  static constexpr std::string_view type = "lose_registry_answer";

  std::uint64_t node = 0;
  std::uint64_t write = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("write", self.write);
  }
  friend bool operator==(const lose_registry_answer&, const lose_registry_answer&) = default;
};

/// The node dies at its n-th write: before it, or once it is durable and nobody knows.
struct crash_at_registry {
  static constexpr std::string_view type = "crash_at_registry";

  std::uint64_t node = 0;
  std::uint64_t write = 1;
  bool durable = false;
  std::uint64_t down_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node, core::presence::defaulted);
    visit("write", self.write);
    visit("durable", self.durable, core::presence::defaulted);
    visit("down_millis", self.down_millis, core::presence::defaulted);
  }
  friend bool operator==(const crash_at_registry&, const crash_at_registry&) = default;
};

}  // namespace agentpool::sim
