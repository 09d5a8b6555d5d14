#include "span_exporter.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "agentpool/actors/log.hpp"
#include "tools/version.hpp"

namespace agentpool::tools {

namespace {

enum class verdict : std::uint8_t { taken, again, refused };

/// As OTLP says: these statuses mean that repeating may help.
verdict verdict_on(const post_result& result) {
  if (result.status >= 200 && result.status < 300) return verdict::taken;
  switch (result.status) {
    case 0:
    case 429:
    case 502:
    case 503:
    case 504: return verdict::again;
    default: return verdict::refused;
  }
}

}  // namespace

span_exporter::span_exporter(span_sender send, std::string service, span_limits limits)
    : send_{std::move(send)}, service_{std::move(service)}, limits_{limits} {
  thread_ = std::thread{[this] { run(); }};
}

span_exporter::~span_exporter() { close(); }

void span_exporter::take(trace_span span) {
  bool tell = false;
  {
    const std::lock_guard guard{mutex_};
    if (closing_ || waiting_.size() >= limits_.queue_max) {
      ++counts_.dropped_full;
      return;
    }
    waiting_.push_back(std::move(span));
    tell = waiting_.size() == 1 || waiting_.size() == limits_.batch_max;
  }
  if (tell) changed_.notify_one();
}

void span_exporter::close() {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock{mutex_};
    closing_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, limits_.closing_max, [this] { return over_; });
  }
  stop_.request_stop();
  thread_.join();
}

span_counts span_exporter::counts() const {
  const std::lock_guard guard{mutex_};
  return counts_;
}

void span_exporter::run() {
  for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) deliver(batch);
  const std::lock_guard guard{mutex_};
  over_ = true;
  changed_.notify_all();
}

/// Waits for spans; none once it closes and none is left.
std::vector<trace_span> span_exporter::next_batch() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
  changed_.wait_for(lock, limits_.gather,
                    [this] { return closing_ || waiting_.size() >= limits_.batch_max; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), limits_.batch_max));
  std::vector<trace_span> batch{std::make_move_iterator(waiting_.begin()),
                                std::make_move_iterator(waiting_.begin() + count)};
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return batch;
}

void span_exporter::deliver(const std::vector<trace_span>& batch) {
  const auto body = otlp_json(batch, service_, version_number);
  auto backoff = limits_.backoff_first;
  for (std::size_t attempt = 1;; ++attempt) {
    const auto result = stop_.stop_requested()
                            ? post_result{0, "no time is left"}
                            : send_(body, limits_.attempt_max, stop_.get_token());
    const auto what = verdict_on(result);
    {
      const std::lock_guard guard{mutex_};
      if (what == verdict::taken) counts_.exported += batch.size();
      if (what == verdict::refused) counts_.dropped_refused += batch.size();
      if (what != verdict::taken) ++counts_.failed_attempts;
    }
    if (what == verdict::taken) return;
    const auto why = result.status == 0 ? result.fault : "status " + std::to_string(result.status);
    if (what == verdict::refused)
      return actors::logger().warn("the collector refused spans: {}", why);
    if (attempt >= limits_.attempts_max || !rest(backoff)) {
      actors::logger().warn("{} spans could not be delivered: {}", batch.size(), why);
      const std::lock_guard guard{mutex_};
      counts_.dropped_undelivered += batch.size();
      return;
    }
    backoff = std::min(backoff * 2, limits_.backoff_most);
  }
}

bool span_exporter::rest(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, time, [this] { return closing_; });
  return !closing_;
}

}  // namespace agentpool::tools
