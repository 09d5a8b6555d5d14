#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/sim/chance.hpp"

/// Laws for how long an agent thinks before it acts on what it is told.
namespace agentpool::sim {

/// Always the same time.
struct constant_latency {
  static constexpr std::string_view type = "constant";

  std::uint64_t micros = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("micros", self.micros);
  }
  friend bool operator==(const constant_latency&, const constant_latency&) = default;
};

/// Any time from `least_micros` to `most_micros`, each alike.
struct uniform_latency {
  static constexpr std::string_view type = "uniform";

  std::uint64_t least_micros = 0;
  std::uint64_t most_micros = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("least_micros", self.least_micros);
    visit("most_micros", self.most_micros);
  }
  friend bool operator==(const uniform_latency&, const uniform_latency&) = default;
};

/// Mostly about the median, now and then much more: e to the power of a normal distribution whose
/// deviation is `sigma_percent` hundredths.
struct lognormal_latency {
  static constexpr std::string_view type = "lognormal";

  std::uint64_t median_micros = 0;
  std::uint64_t sigma_percent = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("median_micros", self.median_micros);
    visit("sigma_percent", self.sigma_percent);
  }
  friend bool operator==(const lognormal_latency&, const lognormal_latency&) = default;
};

/// Those of the list, one after the other, over and over.
struct listed_latency {
  static constexpr std::string_view type = "list";

  std::vector<std::uint64_t> micros;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("micros", self.micros);
  }
  friend bool operator==(const listed_latency&, const listed_latency&) = default;
};

/// A law; in JSON tagged by `type`.
using latency_law =
    std::variant<constant_latency, uniform_latency, lognormal_latency, listed_latency>;

/// What is wrong with the law, beginning with the field's name; empty when it makes sense.
[[nodiscard]] std::string fault_of(const latency_law& law);

/// Draws times by a law, whole microseconds, the same ones on every machine.
class latency {
 public:
  latency(latency_law law, chance drawn) : law_{std::move(law)}, chance_{drawn} {}

  [[nodiscard]] std::chrono::microseconds next();

 private:
  latency_law law_;
  chance chance_;
  std::size_t drawn_ = 0;
};

}  // namespace agentpool::sim
