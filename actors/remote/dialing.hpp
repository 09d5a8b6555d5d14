#pragma once

#include <atomic>
#include <caf/actor.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/actors/pool_handle.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/messages/dialing.hpp"
#include "agentpool/messages/inspect.hpp"

namespace agentpool::actors::remote {

/// What a stand-in shows of itself to other threads.
class pool_gauge {
 public:
  explicit pool_gauge(core::pool_id of) : pool_{std::move(of)} {}

  void enter(pool_state state, const std::string& endpoint) {
    const std::lock_guard guard{lock_};
    state_ = state;
    endpoint_ = endpoint;
  }
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> runs = 0;

  [[nodiscard]] pool_report report() const {
    const std::lock_guard guard{lock_};
    return {pool_, state_, endpoint_, requests, runs};
  }

 private:
  const core::pool_id pool_;
  mutable std::mutex lock_;
  pool_state state_ = pool_state::resting;
  std::string endpoint_;
};

/// What the actors of a program have in common whose pools are at nodes.
class dialing : public std::enable_shared_from_this<dialing> {
 public:
  /// Reaches the endpoint; gives what its node publishes, over a connection that was checked.
  using dialer = std::function<void(const std::string&, callback<caf::actor>)>;
  using token_maker = std::function<std::string()>;

  struct setup {
    std::vector<std::string> seeds;  ///< Endpoints of nodes to ask first; at least one.
    std::string program;             ///< What nodes call this program.
    client_limits limits;
    dialer dial;
    token_maker make_token;
    std::uint64_t seed = 0;                             ///< Of the chance in waits.
    std::function<void(const link_report&)> on_change;  ///< Told of each change; may be null.
    std::shared_ptr<actor_watch> watch;                 ///< Of the engine; may be null.
  };

  dialing(caf::actor_system& system, setup with) : system_{system}, with_{std::move(with)} {
    chance_.seed(static_cast<std::minstd_rand::result_type>(with_.seed));
  }

  [[nodiscard]] const setup& with() const noexcept { return with_; }
  [[nodiscard]] const client_limits& limits() const noexcept { return with_.limits; }

  /// The connection to the endpoint, made when somebody wants it. None once closed.
  [[nodiscard]] messages::link_actor to(const std::string& endpoint);
  [[nodiscard]] std::vector<messages::link_actor> close();

  /// Between 0 and 1.
  [[nodiscard]] double chance();

  void report(const link_report& now);
  [[nodiscard]] std::vector<link_report> reports() const;

  [[nodiscard]] std::shared_ptr<pool_gauge> gauge(const core::pool_id& pool);
  void forget(const std::shared_ptr<pool_gauge>& gauge);
  [[nodiscard]] std::vector<pool_report> pools() const;

  // ---- secrets of runs ----------------------------------------------------------------------

  /// The run's token, if this program has it.
  [[nodiscard]] std::optional<std::string> token(const core::pool_id& pool,
                                                 const core::run_id& run) const;
  /// The same, made if there is none.
  [[nodiscard]] std::string token_for_joining(const core::pool_id& pool, const core::run_id& run);
  void keep_token(const core::pool_id& pool, const core::run_id& run, std::string token);
  void forget_token(const core::pool_id& pool, const core::run_id& run);

 private:
  caf::actor_system& system_;
  const setup with_;
  mutable std::mutex lock_;
  std::minstd_rand chance_;
  bool closed_ = false;
  std::map<std::string, messages::link_actor> links_;
  std::map<std::string, link_report> reports_;
  std::vector<std::shared_ptr<pool_gauge>> gauges_;
  std::map<std::pair<core::pool_id, core::run_id>, std::string> tokens_;
};

}  // namespace agentpool::actors::remote
