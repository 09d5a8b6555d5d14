#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/enum_text.hpp"

namespace agentpool::tools {

/// What a server tells Prometheus. Counting and telling may happen on any thread.
class metrics {
 public:
  /// Appends what is looked up whenever somebody asks. Called on the thread that asks; must not
  /// block.
  using source = std::function<void(std::vector<prometheus::MetricFamily>&)>;

  [[nodiscard]] prometheus::Registry& registry() { return registry_; }

  /// Before anybody asks.
  void add(source one) { sources_.push_back(std::move(one)); }

  /// All of it, in the text format 0.0.4 of Prometheus.
  [[nodiscard]] std::string text() const;

 private:
  prometheus::Registry registry_;
  std::vector<source> sources_;
};

/// A counter of that name; there from the beginning.
[[nodiscard]] prometheus::Counter& counter_in(prometheus::Registry& registry, const char* name,
                                              const char* help,
                                              const prometheus::Labels& labels = {});

/// Bounds of the buckets of latencies, seconds.
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& latency_buckets();

[[nodiscard]] prometheus::Histogram& histogram_in(
    prometheus::Registry& registry, const char* name, const char* help,
    const prometheus::Histogram::BucketBoundaries& buckets, const prometheus::Labels& labels = {});

/// A counter for each value of a closed enumeration, which is a label of that name.
template <core::named_enum Enum>
class counters_by {
 public:
  counters_by(prometheus::Registry& registry, const char* name, const char* help,
              const char* label) {
    std::size_t at = 0;
    for (const auto text : core::enum_text<Enum>::values)
      all_[at++] = &counter_in(registry, name, help, {{label, std::string{text}}});
  }
  [[nodiscard]] prometheus::Counter& of(Enum value) const {
    return *all_[static_cast<std::size_t>(value)];
  }

 private:
  std::array<prometheus::Counter*, core::enum_text<Enum>::values.size()> all_{};
};

/// A family of values that stand somewhere else.
class looked_up {
 public:
  looked_up(const char* name, const char* help, prometheus::MetricType type);
  looked_up& add(double value, const prometheus::Labels& labels = {});
  void append_to(std::vector<prometheus::MetricFamily>& all);

 private:
  prometheus::MetricFamily family_;
};

}  // namespace agentpool::tools
