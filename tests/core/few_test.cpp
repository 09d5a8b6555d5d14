#include "core/few.hpp"

#include <rapidcheck.h>

#include <tuple>
#include <vector>

#include "catch.hpp"

namespace core = agentpool::core;

namespace {

using numbers = core::few<std::uint64_t, 2>;

std::vector<std::uint64_t> all(const numbers& list) { return {list.begin(), list.end()}; }

}  // namespace

TEST_CASE("a short list does what a vector does, however long it gets") {
  CHECK(rc::check("like a vector", [] {
    numbers list;
    std::vector<std::uint64_t> expected;
    const auto steps = *rc::gen::container<std::vector<std::tuple<bool, std::uint64_t>>>(
        rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange<std::uint64_t>(0, 100)));
    for (const auto& [add, number] : steps) {
      const auto at = static_cast<std::ptrdiff_t>(number % (expected.size() + 1));
      if (add) {
        list.insert(list.begin() + at, number);
        expected.insert(expected.begin() + at, number);
      } else {
        const auto last = static_cast<std::ptrdiff_t>(expected.size());
        list.erase(list.begin() + at, list.end());
        expected.erase(expected.begin() + at, expected.begin() + last);
      }
      const numbers copy{list};
      RC_ASSERT(all(copy) == expected);
    }
    numbers other;
    other = std::move(list);
    RC_ASSERT(all(other) == expected);
    RC_ASSERT(other.size() == expected.size());
  }));
}
