#include "http_metrics.hpp"

#include <atomic>
#include <chrono>
#include <utility>

namespace agentpool::tools {

namespace {

using std::chrono::steady_clock;

/// Statuses of HTTP.
constexpr unsigned status_least = 100;
constexpr unsigned status_most = 599;
constexpr unsigned status_failed = 500;

class route_counts final : public route_watch, public std::enable_shared_from_this<route_counts> {
 public:
  route_counts(prometheus::Registry& registry, prometheus::Labels labels)
      : requests_{prometheus::BuildCounter()
                      .Name("agentpool_http_requests_total")
                      .Help("Requests that were answered, by address and status")
                      .Register(registry)},
        labels_{std::move(labels)},
        seconds_{histogram_in(registry, "agentpool_http_request_seconds",
                              "From a request to its answer, or to the beginning of a stream",
                              latency_buckets(), labels_)} {}

  void on_refused(unsigned status) override { count(status); }
  std::shared_ptr<http_exchange> handling(std::shared_ptr<http_exchange> exchange) override;

  void on_answered(unsigned status, steady_clock::time_point since) {
    count(status);
    seconds_.Observe(std::chrono::duration<double>(steady_clock::now() - since).count());
  }

 private:
  /// Found without a lock but for the first time.
  void count(unsigned status) {
    if (status < status_least || status > status_most) return;
    auto& known = by_status_[status - status_least];
    auto* counter = known.load(std::memory_order_acquire);
    if (counter == nullptr) {
      auto labels = labels_;
      labels.emplace("status", std::to_string(status));
      counter = &requests_.Add(labels);
      known.store(counter, std::memory_order_release);
    }
    counter->Increment();
  }

  prometheus::Family<prometheus::Counter>& requests_;
  const prometheus::Labels labels_;
  prometheus::Histogram& seconds_;
  std::array<std::atomic<prometheus::Counter*>, status_most - status_least + 1> by_status_{};
};

/// One request, counted by its first answer.
class counted_exchange final : public http_exchange {
 public:
  counted_exchange(std::shared_ptr<http_exchange> to, std::shared_ptr<route_counts> at)
      : to_{std::move(to)}, at_{std::move(at)} {}
  ~counted_exchange() override { count(status_failed); }
  counted_exchange(const counted_exchange&) = delete;
  counted_exchange& operator=(const counted_exchange&) = delete;

  void answer(http_response response) override {
    count(response.status);
    to_->answer(std::move(response));
  }
  std::shared_ptr<http_stream> open(http_response response, std::string idle) override {
    count(response.status);
    return to_->open(std::move(response), std::move(idle));
  }
  void when_gone(std::function<void()> then) override { to_->when_gone(std::move(then)); }
  void end_with(ending& what, http_response instead) override {
    to_->end_with(what, std::move(instead));
  }

 private:
  void count(unsigned status) {
    if (!counted_.exchange(true, std::memory_order_relaxed)) at_->on_answered(status, since_);
  }

  const std::shared_ptr<http_exchange> to_;
  const std::shared_ptr<route_counts> at_;
  const steady_clock::time_point since_ = steady_clock::now();
  std::atomic<bool> counted_{false};
};

std::shared_ptr<http_exchange> route_counts::handling(std::shared_ptr<http_exchange> exchange) {
  return std::make_shared<counted_exchange>(std::move(exchange), shared_from_this());
}

}  // namespace

std::shared_ptr<route_watch> count_route(prometheus::Registry& registry, const std::string& method,
                                         const std::string& route) {
  return std::make_shared<route_counts>(registry,
                                        prometheus::Labels{{"method", method}, {"route", route}});
}

}  // namespace agentpool::tools
