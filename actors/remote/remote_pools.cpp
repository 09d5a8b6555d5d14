#include "actors/remote/remote_pools.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <utility>

#include "actors/remote/node_contents.hpp"
#include "actors/remote/standin.hpp"
#include "agentpool/actors/watched.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// Asks the seeds in turn, from `seed` on, until one answers.
void list_pools(const std::shared_ptr<dialing>& around,
                const std::shared_ptr<messages::store_call>& call, std::size_t seed) {
  const auto& seeds = around->with().seeds;
  const auto link = around->to(seeds[seed]);
  if (!link) return call->back.give(messages::closed());
  auto ask = std::make_shared<messages::node_call>();
  ask->ask = messages::ask_pools{};
  ask->back = messages::reply<messages::node_answer>{
      [around, call, seed](core::outcome<messages::node_answer> what) {
        if (!what && seed + 1 < around->with().seeds.size())
          return list_pools(around, call, seed + 1);
        if (!what) return call->back.give(what.error());
        call->back.give(
            messages::store_answer{std::get<std::vector<core::pool_id>>(std::move(*what))});
      }};
  caf::anon_send(link, messages::node_asked{std::move(ask)});
}

class remote_source final : public pool_source {
 public:
  remote_source(caf::actor_system& system, std::shared_ptr<dialing> around)
      : system_{system},
        around_{std::move(around)},
        contents_{std::make_shared<node_contents>(system, around_)} {}

  /// The stand-in takes what handles and runs send to a pool and its journal, and nothing else of
  /// what those take is ever sent inside a process.
  pool_actors make(const core::pool_id& id, std::function<bool()> may_end) override {
    const auto made = caf::actor_cast<caf::actor>(spawn_watched(system_, around_->with().watch,
                                                                {actor_role::standin, id}, standin,
                                                                around_, id, std::move(may_end)));
    return {caf::actor_cast<messages::pool_actor>(made),
            caf::actor_cast<messages::journal_actor>(made)};
  }

  void ask_store(std::shared_ptr<messages::store_call> call) override {
    if (std::holds_alternative<messages::read_content>(call->ask)) return contents_->fetch(call);
    if (!std::holds_alternative<messages::list_pools>(call->ask))
      return call->back.give(
          core::host_configuration_needed("the store is at the nodes: ask it there"));
    list_pools(around_, call, 0);
  }

  void keep_content(std::shared_ptr<messages::content_call> call) override {
    contents_->keep(call);
  }

  std::vector<caf::actor> last() override {
    std::vector<caf::actor> all;
    for (const auto& link : around_->close()) all.push_back(caf::actor_cast<caf::actor>(link));
    return all;
  }

 private:
  caf::actor_system& system_;
  std::shared_ptr<dialing> around_;
  std::shared_ptr<node_contents> contents_;
};

}  // namespace

pool_source_factory remote_pools(dialing::setup with,
                                 std::function<void(std::shared_ptr<dialing>)> made) {
  return [with = std::move(with), made = std::move(made)](
             caf::actor_system& system,
             const engine_options& options) -> std::unique_ptr<pool_source> {
    auto watched = with;
    watched.watch = options.watch;
    auto around = std::make_shared<dialing>(system, std::move(watched));
    made(around);
    return std::make_unique<remote_source>(system, std::move(around));
  };
}

}  // namespace agentpool::actors::remote
