// A store of your own: the engine keeps its logs wherever you say.

#include <iostream>
#include <memory>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"

using namespace agentpool;

namespace {

// This one tells what it is asked to append and leaves the keeping to another store. One that
// keeps logs itself has the same functions to fill; a store is used by one thread at a time and
// may block. What matters most is `append`: all or nothing, durable when it returns, and refused
// as a conflict when the log does not end where the request expects it to: then somebody else
// appended meanwhile, and the engine reads what it missed and decides anew.
class telling_store : public core::store_backend {
 public:
  explicit telling_store(std::unique_ptr<core::store_backend> keeper)
      : keeper_{std::move(keeper)} {}

  core::outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override {
    for (const auto& request : requests)
      for (const auto& entry : request.entries)
        if (const auto* record = entry->record())
          std::cout << "append " << record->cursor.sequence << " " << name_of(record->payload)
                    << std::endl;
    return keeper_->append(requests);
  }

  core::outcome<std::vector<core::pool_id>> list_pools() override { return keeper_->list_pools(); }
  core::outcome<core::log_position> head(const core::pool_id& pool) override {
    return keeper_->head(pool);
  }
  core::outcome<core::log_page> read(const core::pool_id& pool, core::log_position after,
                                     std::size_t entries_max) override {
    return keeper_->read(pool, after, entries_max);
  }
  core::outcome<std::vector<core::entry_ptr>> fetch(
      const core::pool_id& pool, std::span<const std::uint64_t> sequences) override {
    return keeper_->fetch(pool, sequences);
  }
  core::outcome<core::ack_page> read_acks(const core::pool_id& pool, std::uint64_t mark,
                                          std::size_t acks_max) override {
    return keeper_->read_acks(pool, mark, acks_max);
  }
  core::outcome<std::vector<core::pool_id>> changed_pools() override {
    return keeper_->changed_pools();
  }
  // Only nodes need these two.
  core::outcome<std::vector<core::registry_written>> write_registry(
      std::span<const core::registry_write> writes) override {
    return keeper_->write_registry(writes);
  }
  core::outcome<std::vector<core::registry_row>> read_registry(
      const core::registry_query& query) override {
    return keeper_->read_registry(query);
  }
  // And only programs that keep the bodies of their messages here need these.
  core::outcome<core::content_kept> put_content(std::span<const core::content> items) override {
    return keeper_->put_content(items);
  }
  core::outcome<std::optional<std::string>> get_content(const core::content_ref& name) override {
    return keeper_->get_content(name);
  }

 private:
  static std::string_view name_of(const core::store_payload& payload) {
    return std::visit([](const auto& what) { return what.type; }, payload);
  }
  std::unique_ptr<core::store_backend> keeper_;
};

}  // namespace

int main() {
  // The tests of stores/ are a contract suite: let it run over yours, too.
  actors::engine engine{std::make_unique<telling_store>(std::make_unique<stores::memory_store>())};
  const auto pool = engine.open_pool(core::pool_id{"pool.told"});
  if (!pool) return 1;
  const core::run_id run{"run.only"};
  if (!pool->join({run, core::agent_id{"agent.only"}, {}, {}})) return 1;
  return pool->leave(run).ok() ? 0 : 1;
}
