#include "metrics.hpp"

#include <prometheus/text_serializer.h>

#include <utility>

namespace agentpool::tools {

std::string metrics::text() const {
  auto all = registry_.Collect();
  for (const auto& one : sources_) one(all);
  return prometheus::TextSerializer{}.Serialize(all);
}

prometheus::Counter& counter_in(prometheus::Registry& registry, const char* name, const char* help,
                                const prometheus::Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

const prometheus::Histogram::BucketBoundaries& latency_buckets() {
  static const prometheus::Histogram::BucketBoundaries bounds{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
      0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return bounds;
}

prometheus::Histogram& histogram_in(prometheus::Registry& registry, const char* name,
                                    const char* help,
                                    const prometheus::Histogram::BucketBoundaries& buckets,
                                    const prometheus::Labels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(labels, buckets);
}

looked_up::looked_up(const char* name, const char* help, prometheus::MetricType type) {
  family_.name = name;
  family_.help = help;
  family_.type = type;
}

looked_up& looked_up::add(double value, const prometheus::Labels& labels) {
  auto& one = family_.metric.emplace_back();
  for (const auto& [name, text] : labels) one.label.push_back({name, text});
  (family_.type == prometheus::MetricType::Counter ? one.counter.value : one.gauge.value) = value;
  return *this;
}

void looked_up::append_to(std::vector<prometheus::MetricFamily>& all) {
  all.push_back(std::move(family_));
}

}  // namespace agentpool::tools
