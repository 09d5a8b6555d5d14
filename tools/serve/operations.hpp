#pragma once

#include <memory>
#include <string>
#include <vector>

#include "front.hpp"
#include "http_server.hpp"
#include "metrics.hpp"
#include "served_pools.hpp"
#include "span_exporter.hpp"

namespace agentpool::tools {

/// What operators of a server look at: its metrics and, where a collector is named, the traces of
/// its messages. Lives longer than what it looks at.
class operations {
 public:
  /// `otlp` is the URL of a collector, empty for none. The error: it is no URL.
  [[nodiscard]] static core::outcome<std::unique_ptr<operations>> make(const std::string& otlp);

  [[nodiscard]] metrics& counted() { return counted_; }
  [[nodiscard]] onlookers looking_on();
  [[nodiscard]] const std::shared_ptr<store_health>& health() const { return health_; }
  /// Of requests to where nothing is.
  [[nodiscard]] std::shared_ptr<route_watch> elsewhere();
  void watch(std::vector<route>& routes);
  /// Looks at these whenever somebody asks for metrics.
  void look_up(const http_server& server, const front& gate, served_pools& pools);

  /// Sends the spans that wait; gives up after a moment.
  void close();

 private:
  operations() = default;

  metrics counted_;
  std::shared_ptr<store_health> health_ = std::make_shared<store_health>();
  std::unique_ptr<span_exporter> exporter_;  ///< Null: no traces.
};

}  // namespace agentpool::tools
