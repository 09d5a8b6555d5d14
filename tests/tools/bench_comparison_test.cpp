#include "tools/bench_comparison.hpp"

#include "support/catch.hpp"
#include "tools/bench_parts.hpp"

using namespace agentpool;
using namespace agentpool::tools;

namespace {

using values = std::vector<double>;
using kind = bench_goal::kind;

/// Gives the values one after the other.
bench_sides::side giving(std::vector<values> rounds) {
  return [rounds, next = std::size_t{0}]() mutable -> core::outcome<values> {
    return rounds.at(next++);
  };
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

measured with_goal(kind what, double bound, double value, double ratio) {
  measured one;
  one.what = {"things a second", "a reference", bench_goal{what, bound}};
  one.value.median = value;
  one.ratio.median = ratio;
  return one;
}

}  // namespace

TEST_CASE("a comparison has the ratio of each round, a measure at a time") {
  bench_sides sides;
  sides.measures = {{"apples", "pears", {}}, {"plums", "pears", {}}};
  sides.ours = giving({{10, 1}, {30, 2}, {20, 9}});
  sides.reference = giving({{10, 2}, {10, 2}, {10, 3}});
  const auto part = compare("fruit/3", sides, 3, [](std::size_t) {});
  REQUIRE(part);
  CHECK(part->name == "fruit/3");
  REQUIRE(part->measures.size() == 2);
  CHECK(part->measures[0].value.median == 20);
  CHECK(part->measures[0].reference.median == 10);
  CHECK(part->measures[0].ratio.most == 3);
  CHECK(part->measures[1].ratio.median == 1);
}

TEST_CASE("the sides of a comparison take turns in going first") {
  std::string order;
  bench_sides sides;
  sides.measures = {{"apples", "pears", {}}};
  sides.ours = [&]() -> core::outcome<values> {
    order += 'o';
    return values{1};
  };
  sides.reference = [&]() -> core::outcome<values> {
    order += 'r';
    return values{1};
  };
  REQUIRE(compare("fruit/3", sides, 3, [&](std::size_t round) { order += std::to_string(round); }));
  CHECK(order == "1or2ro3or");
}

TEST_CASE("a comparison ends with the first error of a side") {
  bench_sides sides;
  sides.measures = {{"apples", "pears", {}}};
  sides.ours = giving({{1}, {1}});
  sides.reference = []() -> core::outcome<values> { return core::overloaded("too much"); };
  const auto part = compare("fruit/3", sides, 2, [](std::size_t) {});
  REQUIRE(!part);
  CHECK(part.error().message == "too much");
}

TEST_CASE("a goal bounds the value or the ratio, from below or above") {
  CHECK(with_goal(kind::at_least, 5, 5, 0).met() == true);
  CHECK(with_goal(kind::at_least, 5, 4, 9).met() == false);
  CHECK(with_goal(kind::at_most, 5, 5, 9).met() == true);
  CHECK(with_goal(kind::at_most, 5, 6, 0).met() == false);
  CHECK(with_goal(kind::ratio_at_least, 5, 0, 5).met() == true);
  CHECK(with_goal(kind::ratio_at_least, 5, 9, 4).met() == false);
  CHECK(with_goal(kind::ratio_at_most, 5, 9, 5).met() == true);
  CHECK(with_goal(kind::ratio_at_most, 5, 0, 6).met() == false);
  CHECK(measured{}.met() == std::nullopt);
}

TEST_CASE("the table of comparisons has a line a measure, and says when sizes were scaled") {
  comparison part{"wake/1000", 3, 1, {}};
  part.measures.push_back(with_goal(kind::ratio_at_most, 1.5, 55.5, 1.75));
  part.measures.push_back({{"alone", {}, {}}, {1'234, 1'000, 2'000}, {}, {}});
  const auto table = comparison_markdown({part});
  CHECK(holds(table,
              "| wake/1000 | things a second | 55.5 (0.00–0.00) | 0.00 (a reference) | 1.75 "
              "(0.00–0.00) | ≤ 1.50 × **missed** |\n"
              "| wake/1000 | alone | 1234 (1000–2000) | – | – | – |\n"));
  part.scale = 0.01;
  CHECK(holds(comparison_markdown({part}), "| wake/1000 × 0.010000 | alone |"));
  CHECK(comparison_markdown({}).empty());
}

TEST_CASE("scaled sizes are at least one") {
  bench_effort effort;
  CHECK(effort.scaled(1'000) == 1'000);
  effort.scale = 0.01;
  CHECK(effort.scaled(1'000) == 10);
  CHECK(effort.scaled(10) == 1);
}
