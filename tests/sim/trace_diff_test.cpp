#include "agentpool/sim/trace_diff.hpp"

#include <rapidcheck.h>

#include <algorithm>

#include "agentpool/sim/trace_golden.hpp"
#include "support/catch.hpp"
#include "trace_kit.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

using lines = std::vector<sim::trace_line>;

std::string told(const lines& a, const lines& b) {
  const auto left = sim::trace::of(a).value();
  const auto right = sim::trace::of(b).value();
  const auto found = sim::first_divergence(left, right);
  return found ? sim::to_text(*found, left, right, "a.jsonl", "b.jsonl") : "";
}

bool same(const lines& a, const lines& b) { return told(a, b).empty(); }

/// Any trace of a few actors, each line caused by one before it or by none.
lines any_trace() {
  const std::vector<std::string> actors{"client:1", "pool:p", "store", "run:a", "run:b"};
  const auto actor = [&] { return actors[*rc::gen::inRange<std::size_t>(0, actors.size())]; };
  lines made;
  const auto count = *rc::gen::inRange<std::uint64_t>(2, 40);
  for (std::uint64_t step = 1; step <= count; ++step) {
    auto from = actor();
    std::optional<std::uint64_t> cause;
    if (step > 1 && *rc::gen::inRange(0, 4) > 0) {
      cause = *rc::gen::inRange<std::uint64_t>(1, step);
      from = made[*cause - 1].to;
    }
    made.push_back(line(step, from, actor(), "m" + std::to_string(*rc::gen::inRange(0, 4)), cause));
    if (*rc::gen::arbitrary<bool>())
      made.back().ids.push_back(fact("run", {std::to_string(*rc::gen::inRange(0, 3))}));
  }
  return made;
}

/// Exchanges the steps of lines i and i + 1 where neither depends on the other.
void swap_if_independent(lines& what, std::size_t i) {
  auto& first = what[i];
  auto& second = what[i + 1];
  // Or on one between them that was taken out.
  if (first.to == second.to || (second.cause && *second.cause >= first.step)) return;
  const auto early = first.step;
  const auto late = second.step;
  for (auto& each : what) {
    if (each.cause == early) {
      each.cause = late;
    } else if (each.cause == late) {
      each.cause = early;
    }
  }
  std::swap(first, second);
  first.step = early;
  second.step = late;
}

/// Makes what cannot be the same any more; false when it could not here.
bool change(lines& what) {
  const auto i = *rc::gen::inRange<std::size_t>(0, what.size());
  switch (*rc::gen::inRange(0, 6)) {
    case 0: what[i].message += "x"; return true;
    case 1: what[i].ids.push_back(fact("wake", {"w"})); return true;
    case 2: what[i].from += "x"; return true;
    case 3: what.erase(what.begin() + static_cast<std::ptrdiff_t>(i)); return true;
    case 4:
      what.push_back(line(what.back().step + 1, "run:a", "store", "more", what[i].step));
      return true;
    default:
      if (what[i].cause) {
        what[i].cause.reset();
        return true;
      }
      if (i == 0) return false;
      what[i].cause = *rc::gen::inRange<std::uint64_t>(1, what[i].step);
      return true;
  }
}

}  // namespace

TEST_CASE("traces that differ by swaps of independent steps are the same") {
  CHECK(rc::check([] {
    const auto original = any_trace();
    auto swapped = original;
    for (int i = *rc::gen::inRange(1, 200); i > 0; --i)
      swap_if_independent(swapped, *rc::gen::inRange<std::size_t>(0, swapped.size() - 1));
    RC_ASSERT(told(original, swapped) == "");
    RC_ASSERT(sim::normalised(sim::trace::of(original).value()) ==
              sim::normalised(sim::trace::of(swapped).value()));
  }));
}

TEST_CASE("a change is found, whatever independent steps are swapped besides") {
  CHECK(rc::check([] {
    const auto original = any_trace();
    auto changed = original;
    RC_PRE(change(changed));
    for (int i = *rc::gen::inRange(0, 100); i > 0 && changed.size() > 1; --i)
      swap_if_independent(changed, *rc::gen::inRange<std::size_t>(0, changed.size() - 1));
    const auto a = sim::trace::of(original).value();
    const auto b = sim::trace::of(changed).value();
    const auto found = sim::first_divergence(a, b);
    RC_ASSERT(found.has_value());
    RC_ASSERT(sim::first_divergence(b, a).has_value());
    RC_ASSERT(found->in_a || found->in_b);
  }));
}

TEST_CASE("the first that differs is the one that nothing else that differs led to") {
  // The store gets another append; what the run is told because of that differs too, and earlier
  // in the file of B.
  const lines a{line(1, "client:1", "pool:p", "ask"), line(2, "pool:p", "store", "append", 1),
                line(3, "store", "pool:p", "appended", 2), line(4, "pool:p", "run:a", "handed", 3)};
  auto b = a;
  b[1].message = "keep";
  b[3].message = "refused";
  const auto text = told(a, b);
  CHECK(text ==
        "the traces part at the 1st message that store handles: other message\n"
        "\na.jsonl:\n"
        "  #2 0.000020 pool:p -> store append\n"
        "\nb.jsonl:\n"
        "  #2 0.000020 pool:p -> store keep\n"
        "\nboth:\n"
        "    caused by #1 0.000010 client:1 -> pool:p ask\n"
        "\n1 more actor handled something else, after this\n");
}

TEST_CASE("a race shows that the other message comes later") {
  const lines a{line(1, "client:1", "pool:p", "first"), line(2, "client:2", "pool:p", "second")};
  const lines b{line(1, "client:2", "pool:p", "second"), line(2, "client:1", "pool:p", "first")};
  const auto text = told(a, b);
  CHECK(text.starts_with(
      "the traces part at the 1st message that pool:p handles: other message, from"));
  CHECK(text.find("a.jsonl:\n  #1 0.000010 client:1 -> pool:p first\n"
                  "  what the other has comes later: #2 0.000020 client:2 -> pool:p second") !=
        std::string::npos);
}

TEST_CASE("a trace that ends sooner parts where the other goes on") {
  const lines a{line(1, "client:1", "pool:p", "ask")};
  auto b = a;
  b.push_back(line(2, "pool:p", "store", "append", 1));
  CHECK(told(a, b).find("at the 1st message that store handles\n\na.jsonl:\n  nothing more") !=
        std::string::npos);
  CHECK(!same({}, a));
  CHECK(same({}, {}));
}

TEST_CASE("times, step numbers and unknown fields are no difference; causes are") {
  const lines a{line(1, "c", "p", "x"), line(2, "c", "p", "x"), line(3, "p", "s", "y", 1)};
  auto b = a;
  for (auto& each : b) {
    each.step += 10;
    each.at *= 3;
    if (each.cause) *each.cause += 10;
  }
  b[0].more.push_back({"size", "3"});
  CHECK(same(a, b));
  b[2].cause = 12;
  CHECK(told(a, b).find("other cause") != std::string::npos);
}
