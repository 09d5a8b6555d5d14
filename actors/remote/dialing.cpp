#include "actors/remote/dialing.hpp"

#include "actors/remote/link.hpp"
#include "agentpool/actors/watched.hpp"

namespace agentpool::actors::remote {

messages::link_actor dialing::to(const std::string& endpoint) {
  const std::lock_guard guard{lock_};
  if (closed_) return {};
  auto& known = links_[endpoint];
  const actor_label who{actor_role::link, {}, {}, endpoint};
  if (!known) known = spawn_watched(system_, with_.watch, who, link, shared_from_this(), endpoint);
  return known;
}

std::vector<messages::link_actor> dialing::close() {
  const std::lock_guard guard{lock_};
  closed_ = true;
  std::vector<messages::link_actor> all;
  for (auto& [endpoint, known] : links_) all.push_back(std::move(known));
  links_.clear();
  return all;
}

double dialing::chance() {
  const std::lock_guard guard{lock_};
  return std::uniform_real_distribution<double>{}(chance_);
}

void dialing::report(const link_report& now) {
  {
    const std::lock_guard guard{lock_};
    reports_[now.endpoint] = now;
  }
  if (with_.on_change) with_.on_change(now);
}

std::vector<link_report> dialing::reports() const {
  const std::lock_guard guard{lock_};
  std::vector<link_report> all;
  for (const auto& [endpoint, report] : reports_) all.push_back(report);
  return all;
}

std::shared_ptr<pool_gauge> dialing::gauge(const core::pool_id& pool) {
  const std::lock_guard guard{lock_};
  return gauges_.emplace_back(std::make_shared<pool_gauge>(pool));
}

void dialing::forget(const std::shared_ptr<pool_gauge>& gauge) {
  const std::lock_guard guard{lock_};
  std::erase(gauges_, gauge);
}

std::vector<pool_report> dialing::pools() const {
  const std::lock_guard guard{lock_};
  std::vector<pool_report> all;
  for (const auto& gauge : gauges_) all.push_back(gauge->report());
  return all;
}

std::optional<std::string> dialing::token(const core::pool_id& pool,
                                          const core::run_id& run) const {
  const std::lock_guard guard{lock_};
  const auto found = tokens_.find({pool, run});
  return found == tokens_.end() ? std::nullopt : std::optional{found->second};
}

std::string dialing::token_for_joining(const core::pool_id& pool, const core::run_id& run) {
  if (auto known = token(pool, run)) return *std::move(known);
  auto made = with_.make_token();
  const std::lock_guard guard{lock_};
  return tokens_.try_emplace({pool, run}, std::move(made)).first->second;
}

void dialing::keep_token(const core::pool_id& pool, const core::run_id& run, std::string token) {
  const std::lock_guard guard{lock_};
  tokens_.insert_or_assign({pool, run}, std::move(token));
}

void dialing::forget_token(const core::pool_id& pool, const core::run_id& run) {
  const std::lock_guard guard{lock_};
  tokens_.erase({pool, run});
}

}  // namespace agentpool::actors::remote
