#include "operations.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "desk_metrics.hpp"
#include "http_metrics.hpp"
#include "message_spans.hpp"
#include "server_metrics.hpp"

namespace agentpool::tools {

namespace {

/// What OpenTelemetry calls its exporters' collector, but for its path.
core::outcome<http_target> collector_at(const std::string& url) {
  auto target = read_http_url(url);
  if (!target) return target;
  while (target->path.ends_with('/')) target->path.pop_back();
  target->path += "/v1/traces";
  return target;
}

std::string service_name() {
  const char* const named = std::getenv("OTEL_SERVICE_NAME");
  return named == nullptr || *named == '\0' ? "agentpool" : named;
}

std::uint64_t unix_nanos() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds{std::chrono::system_clock::now().time_since_epoch()}.count());
}

void look_up_spans(metrics& into, const span_exporter& exporter) {
  into.add([&exporter](std::vector<prometheus::MetricFamily>& all) {
    using prometheus::MetricType;
    const auto counts = exporter.counts();
    looked_up{"agentpool_spans_exported_total", "Spans that the collector took",
              MetricType::Counter}
        .add(static_cast<double>(counts.exported))
        .append_to(all);
    looked_up{"agentpool_spans_dropped_total", "Spans that no collector got, by why",
              MetricType::Counter}
        .add(static_cast<double>(counts.dropped_full), {{"reason", "queue_full"}})
        .add(static_cast<double>(counts.dropped_undelivered), {{"reason", "undelivered"}})
        .add(static_cast<double>(counts.dropped_refused), {{"reason", "refused"}})
        .append_to(all);
    looked_up{"agentpool_span_requests_failed_total",
              "Requests to the collector that it did not take", MetricType::Counter}
        .add(static_cast<double>(counts.failed_attempts))
        .append_to(all);
  });
}

}  // namespace

core::outcome<std::unique_ptr<operations>> operations::make(const std::string& otlp) {
  std::unique_ptr<operations> made{new operations};
  if (otlp.empty()) return made;
  auto target = collector_at(otlp);
  if (!target) return core::host_configuration_needed("--otlp: " + target.error().message);
  made->exporter_ = std::make_unique<span_exporter>(
      [to = std::move(*target)](const std::string& body, std::chrono::milliseconds most,
                                const std::stop_token& stop) {
        return post_json(to, body, most, stop);
      },
      service_name());
  look_up_spans(made->counted_, *made->exporter_);
  return made;
}

onlookers operations::looking_on() {
  auto& registry = counted_.registry();
  onlookers all{count_operations(registry), {}, {count_appends(registry), health_}};
  if (!exporter_) return all;
  const span_tools with{[to = exporter_.get()](trace_span span) { to->take(std::move(span)); },
                        unix_nanos, machine_random()};
  all.sends = trace_sends(with);
  all.appends.push_back(trace_deliveries(with));
  return all;
}

std::shared_ptr<route_watch> operations::elsewhere() {
  return count_route(counted_.registry(), "any", "none");
}

void operations::watch(std::vector<route>& routes) {
  for (auto& one : routes) one.watch = count_route(counted_.registry(), one.method, one.pattern);
}

void operations::look_up(const http_server& server, const front& gate, served_pools& pools) {
  look_up_server(counted_, server, gate);
  look_up_pools(counted_, pools.pools(), pools.program.get());
}

void operations::close() {
  if (exporter_) exporter_->close();
}

}  // namespace agentpool::tools
