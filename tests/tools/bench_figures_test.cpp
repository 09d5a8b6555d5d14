#include "tools/bench_figures.hpp"

#include "support/catch.hpp"

using namespace agentpool::tools;

namespace {

bench_figures sample() {
  bench_figures figures;
  figures.part = {"sqlite", 1'024, 8};
  figures.rounds = 3;
  figures.row_bytes = 1'000;
  figures.rate = spread_of({10'000, 12'000, 11'000});
  figures.reference_rate = spread_of({20'000, 20'000, 20'000});
  figures.ratio = spread_of({0.5, 0.6, 0.55});
  figures.batch = 2;
  figures.written_bytes = 2'500;
  figures.peak_kib = 2'048;
  return figures;
}

}  // namespace

TEST_CASE("a spread has the middle value, or the mean of the two in the middle") {
  const auto odd = spread_of({3, 1, 2});
  CHECK(odd.median == 2);
  CHECK(odd.least == 1);
  CHECK(odd.most == 3);
  CHECK(spread_of({4, 1, 2, 3}).median == 2.5);
  CHECK(spread_of({}).median == 0);
}

TEST_CASE("a histogram's shares are above what was added by at most a thirty-second") {
  latency_histogram histogram;
  CHECK(histogram.at(0.5) == 0);
  for (std::uint64_t value = 1; value <= 100'000; ++value) histogram.add(value);
  CHECK(histogram.count() == 100'000);
  for (const double share : {0.001, 0.5, 0.99, 0.999, 1.0}) {
    const double exact = share * 100'000;
    CHECK(static_cast<double>(histogram.at(share)) >= exact);
    CHECK(static_cast<double>(histogram.at(share)) <= exact * 33 / 32);
  }
}

TEST_CASE("a histogram tells small durations exactly and holds the largest") {
  latency_histogram histogram;
  histogram.add(0);
  CHECK(histogram.at(1) == 0);
  histogram.add(63);
  CHECK(histogram.at(1) == 63);
  histogram.add(~std::uint64_t{0});
  CHECK(histogram.at(1) == ~std::uint64_t{0});
}

TEST_CASE("histograms add up") {
  latency_histogram one, other;
  one.add(5);
  other.add(9);
  one.add(other);
  CHECK(one.count() == 2);
  CHECK(one.at(0.5) == 5);
  CHECK(one.at(1) == 9);
}

TEST_CASE("a part of the benchmark is named by store, messages in flight and pools") {
  CHECK(bench_part{"memory", 64, 8}.name() == "send/memory/64/8");
}

TEST_CASE("a target is met by the median ratio") {
  auto figures = sample();
  CHECK(figures.part.target() == 0.6);
  CHECK(figures.met() == false);
  figures.ratio = spread_of({0.1, 0.6, 0.7});
  CHECK(figures.met() == true);
  figures.part.in_flight = 64;
  CHECK(figures.met() == std::nullopt);
}

TEST_CASE("the benchmark's table shows the ratio beside its target") {
  const auto table = bench_markdown({sample()});
  INFO(table);
  CHECK(table.find("| send/sqlite/1024/8 | 11000 | 20000 | 0.55 (0.50–0.60) | ≥ 0.60 **missed** | "
                   "0.0 / 0.0 / 0.0 | 2.0 | 0.0 | 2500 (2.50) | 2 |\n") != std::string::npos);
}
