#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/sim/network_faults.hpp"

/// What is to go wrong in a world. Engines count from 0; runs too, in the order in which they are
/// started; appends and reads of an engine from 1, over all its lives; time from the world's start.
namespace agentpool::sim {

/// The engine dies at its n-th append: before it, or once it is durable and nobody knows.
struct crash_at_append {
  static constexpr std::string_view type = "crash_at_append";

  std::uint64_t engine = 0;
  std::uint64_t append = 1;
  bool durable = false;
  std::uint64_t down_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("append", self.append);
    visit("durable", self.durable, core::presence::defaulted);
    visit("down_millis", self.down_millis, core::presence::defaulted);
  }
  friend bool operator==(const crash_at_append&, const crash_at_append&) = default;
};

/// The engine dies at a time.
struct crash_at_time {
  static constexpr std::string_view type = "crash_at_time";

  std::uint64_t engine = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t down_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("down_millis", self.down_millis, core::presence::defaulted);
  }
  friend bool operator==(const crash_at_time&, const crash_at_time&) = default;
};

/// From the n-th append on so many fail, and append nothing.
struct fail_append {
  static constexpr std::string_view type = "fail_append";

  std::uint64_t engine = 0;
  std::uint64_t append = 1;
  std::uint64_t count = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("append", self.append);
    visit("count", self.count, core::presence::defaulted);
  }
  friend bool operator==(const fail_append&, const fail_append&) = default;
};

/// The n-th append is durable and is answered with an error all the same.
struct lose_answer {
  static constexpr std::string_view type = "lose_answer";

  std::uint64_t engine = 0;
  std::uint64_t append = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("append", self.append);
  }
  friend bool operator==(const lose_answer&, const lose_answer&) = default;
};

/// The n-th append takes so long, and everything else that the store is asked waits for it.
struct slow_append {
  static constexpr std::string_view type = "slow_append";

  std::uint64_t engine = 0;
  std::uint64_t append = 1;
  std::uint64_t millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("append", self.append);
    visit("millis", self.millis);
  }
  friend bool operator==(const slow_append&, const slow_append&) = default;
};

/// For a while every append fails.
struct full_store {
  static constexpr std::string_view type = "full_store";

  std::uint64_t engine = 0;
  std::uint64_t at_millis = 0;
  std::uint64_t for_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("for_millis", self.for_millis);
  }
  friend bool operator==(const full_store&, const full_store&) = default;
};

/// From the n-th read on so many fail.
struct fail_read {
  static constexpr std::string_view type = "fail_read";

  std::uint64_t engine = 0;
  std::uint64_t read = 1;
  std::uint64_t count = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("read", self.read);
    visit("count", self.count, core::presence::defaulted);
  }
  friend bool operator==(const fail_read&, const fail_read&) = default;
};

/// Another program appends right before the n-th append, which is a conflict therefore.
struct rival_append {
  static constexpr std::string_view type = "rival_append";

  std::uint64_t engine = 0;
  std::uint64_t append = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("append", self.append);
  }
  friend bool operator==(const rival_append&, const rival_append&) = default;
};

/// The engine's wall clock jumps; its timers do not.
struct jump_clock {
  static constexpr std::string_view type = "jump_clock";

  std::uint64_t engine = 0;
  std::uint64_t at_millis = 0;
  std::int64_t by_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("at_millis", self.at_millis);
    visit("by_millis", self.by_millis);
  }
  friend bool operator==(const jump_clock&, const jump_clock&) = default;
};

/// The run's agent throws when it is called for the n-th time.
struct crash_run {
  static constexpr std::string_view type = "crash_run";

  std::uint64_t run = 0;
  std::uint64_t call = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run", self.run);
    visit("call", self.call, core::presence::defaulted);
  }
  friend bool operator==(const crash_run&, const crash_run&) = default;
};

/// The run's agent takes so long for its n-th call; 0: it never ends.
struct hang_run {
  static constexpr std::string_view type = "hang_run";

  std::uint64_t run = 0;
  std::uint64_t call = 1;
  std::uint64_t for_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run", self.run);
    visit("call", self.call, core::presence::defaulted);
    visit("for_millis", self.for_millis, core::presence::defaulted);
  }
  friend bool operator==(const hang_run&, const hang_run&) = default;
};

/// The run's agent thinks that many times as long, and a millisecond for each of them.
struct slow_run {
  static constexpr std::string_view type = "slow_run";

  std::uint64_t run = 0;
  std::uint64_t times = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run", self.run);
    visit("times", self.times);
  }
  friend bool operator==(const slow_run&, const slow_run&) = default;
};

/// The run sends every message twice.
struct send_twice {
  static constexpr std::string_view type = "send_twice";

  std::uint64_t run = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run", self.run);
  }
  friend bool operator==(const send_twice&, const send_twice&) = default;
};

/// The run acknowledges a message only when its agent was called so many times more.
struct acknowledge_late {
  static constexpr std::string_view type = "acknowledge_late";

  std::uint64_t run = 0;
  std::uint64_t calls = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run", self.run);
    visit("calls", self.calls, core::presence::defaulted);
  }
  friend bool operator==(const acknowledge_late&, const acknowledge_late&) = default;
};

/// At a time so many messages come from outside to every pool at once.
struct burst {
  static constexpr std::string_view type = "burst";

  std::uint64_t at_millis = 0;
  std::uint64_t count = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("at_millis", self.at_millis);
    visit("count", self.count);
  }
  friend bool operator==(const burst&, const burst&) = default;
};

/// From a time on the world's subscribers on that engine read nothing more.
struct stop_reading {
  static constexpr std::string_view type = "stop_reading";

  std::uint64_t engine = 0;
  std::uint64_t at_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("engine", self.engine, core::presence::defaulted);
    visit("at_millis", self.at_millis);
  }
  friend bool operator==(const stop_reading&, const stop_reading&) = default;
};

/// One fault; in JSON tagged by `type`.
using fault = std::variant<crash_at_append, crash_at_time, fail_append, lose_answer, slow_append,
                           full_store, fail_read, rival_append, jump_clock, crash_run, hang_run,
                           slow_run, send_twice, acknowledge_late, burst, stop_reading, cut_network,
                           reset_network, stall_network, freeze_node, freeze_program, crash_program,
                           fail_registry, lose_registry_answer, crash_at_registry>;

/// How many kinds of faults there are.
inline constexpr std::size_t fault_kinds = std::variant_size_v<fault>;

/// The name of the fault's kind, as in JSON.
[[nodiscard]] std::string_view name_of(const fault& what);
/// The names of all kinds, in the order of `fault`'s alternatives.
[[nodiscard]] const std::vector<std::string_view>& fault_names();

/// Everything that is to go wrong.
struct fault_plan {
  std::vector<fault> faults;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("faults", self.faults, core::presence::always);
  }
  friend bool operator==(const fault_plan&, const fault_plan&) = default;
};

/// The plan as compact JSON: `{"faults":[{"type":"fail_append","engine":0,…},…]}`.
[[nodiscard]] std::string to_json(const fault_plan& plan);

/// Reads it. The error is a contract violation that begins with the place: "faults[2].append: …".
[[nodiscard]] core::outcome<fault_plan> read_plan(std::string_view json);

/// What is wrong with the plan in a world of so many engines, with its place; empty: nothing. With
/// programs the engines are nodes.
[[nodiscard]] std::string fault_of(const fault_plan& plan, std::size_t engines,
                                   std::size_t programs = 0);

/// How large the world is that a plan is drawn for.
struct fault_space {
  std::size_t engines = 1;  ///< Or nodes.
  std::size_t runs = 4;
  std::uint64_t appends = 100;  ///< An engine's, about.
  std::uint64_t millis = 1'000;
  std::size_t faults_max = 4;
  std::size_t programs = 0;  ///< 0: there is no network.
};

/// Profiles that plans can be drawn by: none, store, engine, runs, clock, load, network, mixed. For
/// a world without a network that profile draws nothing, and `mixed` nothing of it.
[[nodiscard]] const std::vector<std::string_view>& profile_names();

/// A plan of that profile, drawn by the seed. An unknown profile is a contract violation.
[[nodiscard]] core::outcome<fault_plan> drawn_plan(std::uint64_t seed, std::string_view profile,
                                                   const fault_space& space);

}  // namespace agentpool::sim
