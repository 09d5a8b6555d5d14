#pragma once

#ifndef CATCH_VERSION_MAJOR
#error "include Catch2 before this header, its version 2 or 3"
#endif

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/sim/trace.hpp"
#include "agentpool/sim/trace_golden.hpp"
#include "agentpool/sim/trace_match.hpp"

/// The matchers of trace_match.hpp for Catch2's CHECK_THAT and REQUIRE_THAT.
namespace agentpool::sim::catch2 {

#if CATCH_VERSION_MAJOR >= 3
using matcher_base = Catch::Matchers::MatcherBase<trace>;
#else
using matcher_base = Catch::MatcherBase<trace>;
#endif

/// Calls one of the plain matchers and tells Catch2 its reason.
class trace_matcher : public matcher_base {
 public:
  explicit trace_matcher(std::function<match_result(const trace&)> holds)
      : holds_{std::move(holds)} {}

  bool match(const trace& what) const override {
    auto result = holds_(what);
    reason_ = std::move(result.reason);
    return result.ok;
  }

 protected:
  std::string describe() const override { return reason_; }

 private:
  std::function<match_result(const trace&)> holds_;
  mutable std::string reason_;
};

[[nodiscard]] inline trace_matcher in_order(std::vector<trace_pattern> patterns) {
  return trace_matcher{[patterns = std::move(patterns)](const trace& what) {
    return sim::in_order(what, patterns);
  }};
}

[[nodiscard]] inline trace_matcher before(trace_pattern earlier, trace_pattern later) {
  return trace_matcher{[earlier = std::move(earlier), later = std::move(later)](const trace& what) {
    return sim::before(what, earlier, later);
  }};
}

[[nodiscard]] inline trace_matcher exactly(std::size_t count, trace_pattern pattern) {
  return trace_matcher{[count, pattern = std::move(pattern)](const trace& what) {
    return sim::exactly(what, count, pattern);
  }};
}

[[nodiscard]] inline trace_matcher never(trace_pattern pattern) {
  return trace_matcher{
      [pattern = std::move(pattern)](const trace& what) { return sim::never(what, pattern); }};
}

[[nodiscard]] inline trace_matcher never_between(trace_pattern pattern, trace_pattern opening,
                                                 trace_pattern closing) {
  return trace_matcher{[pattern = std::move(pattern), opening = std::move(opening),
                        closing = std::move(closing)](const trace& what) {
    return sim::never_between(what, pattern, opening, closing);
  }};
}

[[nodiscard]] inline trace_matcher followed_by(trace_pattern first, trace_pattern then) {
  return trace_matcher{[first = std::move(first), then = std::move(then)](const trace& what) {
    return sim::followed_by(what, first, then);
  }};
}

[[nodiscard]] inline trace_matcher within(std::chrono::microseconds time, trace_pattern first,
                                          trace_pattern then) {
  return trace_matcher{[time, first = std::move(first), then = std::move(then)](const trace& what) {
    return sim::within(what, time, first, then);
  }};
}

[[nodiscard]] inline trace_matcher golden_file(std::string path) {
  return trace_matcher{
      [path = std::move(path)](const trace& what) { return sim::golden_file(what, path); }};
}

}  // namespace agentpool::sim::catch2

/// What Catch2 prints for a trace that did not match.
template <>
struct Catch::StringMaker<agentpool::sim::trace> {
  static std::string convert(const agentpool::sim::trace& what) {
    return "a trace of " + std::to_string(what.size()) + " messages";
  }
};
