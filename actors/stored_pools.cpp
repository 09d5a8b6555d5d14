#include "actors/stored_pools.hpp"

#include <utility>

#include "actors/journal.hpp"
#include "actors/pool.hpp"
#include "actors/store.hpp"
#include "agentpool/actors/watched.hpp"

namespace agentpool::actors {

namespace {

class store_source final : public pool_source {
 public:
  store_source(caf::actor_system& system, const engine_options& options,
               std::unique_ptr<core::store_backend> backend)
      : system_{system}, options_{options} {
    auto owned = std::make_shared<std::unique_ptr<core::store_backend>>(std::move(backend));
    store_ =
        spawn_watched(system_, options_.watch, {actor_role::store}, store, owned, options_.limits);
  }

  pool_actors make(const core::pool_id& id, std::function<bool()> may_end) override {
    const auto& watch = options_.watch;
    auto journal = spawn_watched(system_, watch, {actor_role::journal, id}, actors::journal,
                                 journal_setup{id, store_, options_.limits});
    auto pool = spawn_watched(system_, watch, {actor_role::pool, id}, actors::pool,
                              pool_setup{id, store_, journal, options_.clock, options_.limits,
                                         options_.pool_limits, watch, std::move(may_end)});
    return {std::move(pool), std::move(journal)};
  }

  void ask_store(std::shared_ptr<messages::store_call> call) override {
    caf::anon_send(store_, messages::store_asked{std::move(call)});
  }

  void keep_content(std::shared_ptr<messages::content_call> call) override {
    caf::anon_send(store_, messages::content_given{std::move(call)});
  }

  std::vector<caf::actor> last() override { return {caf::actor_cast<caf::actor>(store_)}; }

 private:
  caf::actor_system& system_;
  engine_options options_;
  messages::store_actor store_;
};

}  // namespace

std::unique_ptr<pool_source> stored_pools(caf::actor_system& system, const engine_options& options,
                                          std::unique_ptr<core::store_backend> backend) {
  return std::make_unique<store_source>(system, options, std::move(backend));
}

}  // namespace agentpool::actors
