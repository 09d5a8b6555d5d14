#include "tools/soak_samples.hpp"

#include "support/catch.hpp"
#include "tools/soak_plot.hpp"

using namespace agentpool::tools;

namespace {

/// Sample number i ends at i seconds, with 10 i sends and 100 i bytes of memory.
soak_results rising(std::size_t samples) {
  soak_results results;
  for (std::size_t i = 1; i <= samples; ++i) {
    soak_sample sample;
    sample.seconds = static_cast<double>(i);
    sample.sends = 10 * i;
    sample.rate = static_cast<double>(i);
    sample.resident_bytes = 100 * i;
    results.samples.push_back(sample);
  }
  return results;
}

}  // namespace

TEST_CASE("the second and the last tenth of a soak are told by the number of samples") {
  const auto results = rising(20);
  CHECK(results.second_tenth().resident_bytes == 350);  // samples 3 and 4
  CHECK(results.last_tenth().resident_bytes == 1'950);  // 19 and 20
  CHECK(results.growth_bytes() == 10);
}

TEST_CASE("a soak of few samples, or of none, has tenths too") {
  CHECK(rising(1).second_tenth().resident_bytes == 100);
  CHECK(rising(1).last_tenth().resident_bytes == 100);
  CHECK(rising(1).growth_bytes() == 0);
  CHECK(rising(3).last_tenth().resident_bytes == 300);
  CHECK(rising(0).last_tenth().resident_bytes == 0);
}

TEST_CASE("a soak's plot has a point a sample on each line, and stays within its panels") {
  const auto svg = soak_svg(rising(3));
  // The rate's panel goes to 5, from y 190 up to 40.
  CHECK(svg.find("points=\"306.7,160.0 533.3,130.0 760.0,100.0 \"") != std::string::npos);
  CHECK(soak_svg(rising(0)).find("<polyline") == std::string::npos);
}
