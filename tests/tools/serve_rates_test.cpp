// How many requests one caller may make.
#include <chrono>
#include <string>

#include "support/catch.hpp"
#include "tools/serve/request_rates.hpp"

namespace {

using namespace agentpool::tools;
using std::chrono::milliseconds;

const request_rates::moment start{};

std::size_t taken(request_rates& of, const std::string& caller, request_rates::moment now) {
  std::size_t count = 0;
  while (of.take(caller, now)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a caller has a second's requests, and gets them back at the rate") {
  request_rates rates{100};
  CHECK(taken(rates, "a", start) == 100);
  CHECK(taken(rates, "a", start + milliseconds{250}) == 25);
  CHECK(taken(rates, "b", start + milliseconds{250}) == 100);
  CHECK(taken(rates, "a", start + milliseconds{60'000}) == 100);
}

TEST_CASE("a rate below one a second gives one at a time, and no rate any number") {
  request_rates slow{0.5};
  CHECK(taken(slow, "a", start) == 1);
  CHECK(taken(slow, "a", start + milliseconds{1'999}) == 0);
  CHECK(taken(slow, "a", start + milliseconds{4'000}) == 1);
  request_rates any{0};
  for (int i = 0; i < 1'000; ++i) REQUIRE(any.take("a", start));
}

TEST_CASE("a crowd of callers gives none of them a new allowance, and is forgotten later") {
  request_rates rates{10, 100};
  CHECK(taken(rates, "greedy", start) == 10);
  for (int i = 0; i < 5'000; ++i) REQUIRE(rates.take("caller." + std::to_string(i), start));
  CHECK_FALSE(rates.take("greedy", start));
  CHECK(rates.callers() == 5'001);
  // All buckets are full again; the next look comes at twice as many as the last one left.
  const auto later = start + milliseconds{1'000};
  for (int i = 0; i < 5'000; ++i) REQUIRE(rates.take("other." + std::to_string(i), later));
  CHECK(rates.callers() <= 5'000);
  CHECK(taken(rates, "greedy", later) == 10);
}
