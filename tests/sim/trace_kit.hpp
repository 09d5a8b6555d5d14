// Small traces for tests.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "agentpool/sim/trace.hpp"

namespace agentpool::tests {

/// A run sends message m.1 to another one; the engine stores it and hands it over. Then the second
/// run suspends, and is not woken.
inline const std::string small_trace =
    R"({"at":0,"step":1,"from":"client:1","to":"pool:pool.a")"
    R"(,"name":"join_run","ids":{"run":["run.a"],"pool":"pool.a"},"cause":null})"
    "\n"
    R"({"at":0,"step":2,"from":"client:1","to":"pool:pool.a")"
    R"(,"name":"send_message")"
    R"(,"ids":{"run":["run.a"],"message":["m.1"],"pool":"pool.a"},"cause":null})"
    "\n"
    R"({"at":10,"step":3,"from":"pool:pool.a","to":"store")"
    R"(,"name":"append_records","ids":{"pool":"pool.a","number":1},"cause":1})"
    "\n"
    R"({"at":10,"step":4,"from":"pool:pool.a","to":"store")"
    R"(,"name":"append_records","ids":{"message":["m.1"],"pool":"pool.a","number":2},"cause":2})"
    "\n"
    R"({"at":10,"step":5,"from":"store","to":"store")"
    R"(,"name":"flush_appends","ids":{},"cause":3})"
    "\n"
    R"({"at":2010,"step":6,"from":"store","to":"pool:pool.a")"
    R"(,"name":"records_appended","ids":{"number":1},"cause":5})"
    "\n"
    R"({"at":2010,"step":7,"from":"store","to":"pool:pool.a")"
    R"(,"name":"records_appended","ids":{"number":2},"cause":5})"
    "\n"
    R"({"at":2020,"step":8,"from":"pool:pool.a","to":"run:run.b")"
    R"(,"name":"entries_handed","ids":{"run":["run.b"],"message":["m.1"]},"cause":7})"
    "\n"
    R"({"at":2020,"step":9,"from":"pool:pool.a","to":"journal:pool.a")"
    R"(,"name":"log_published","ids":{"pool":"pool.a"},"cause":7})"
    "\n"
    R"({"at":5020,"step":10,"from":"run:run.b","to":"pool:pool.a")"
    R"(,"name":"suspend_until","ids":{"run":["run.b"],"wake":["w.1"],"pool":"pool.a"},"cause":8})"
    "\n"
    R"({"at":5020,"step":11,"from":"pool:pool.a","to":"store")"
    R"(,"name":"append_records","ids":{"wake":["w.1"],"pool":"pool.a","number":3},"cause":10})"
    "\n";

inline sim::trace read(const std::string& text) { return sim::read_trace(text, "t").value(); }

/// An id, or several.
inline sim::trace_fact fact(std::string name, std::vector<std::string> values) {
  return {std::move(name), std::move(values), sim::trace_fact::form::list};
}

/// Message `name` from `from` to `to` at `step`.
inline sim::trace_line line(std::uint64_t step, std::string from, std::string to, std::string name,
                            std::optional<std::uint64_t> cause = {}) {
  return {step * 10, step, std::move(from), std::move(to), std::move(name), {}, cause, {}};
}

}  // namespace agentpool::tests
