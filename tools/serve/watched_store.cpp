#include "watched_store.hpp"

#include <utility>

namespace agentpool::tools {

namespace {

using core::outcome;

class watching final : public core::store_backend {
 public:
  watching(std::unique_ptr<core::store_backend> store,
           std::vector<std::shared_ptr<append_watch>> watches)
      : store_{std::move(store)}, watches_{std::move(watches)} {}

  outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override {
    const auto begin = std::chrono::steady_clock::now();
    auto results = store_->append(requests);
    const auto took = std::chrono::steady_clock::now() - begin;
    for (const auto& watch : watches_)
      watch->on_append(requests, results ? &*results : nullptr, took);
    return results;
  }

  outcome<std::vector<core::pool_id>> list_pools() override { return store_->list_pools(); }
  outcome<core::log_position> head(const core::pool_id& pool) override {
    return store_->head(pool);
  }
  outcome<core::log_page> read(const core::pool_id& pool, core::log_position after,
                               std::size_t entries_max) override {
    return store_->read(pool, after, entries_max);
  }
  outcome<std::vector<core::entry_ptr>> fetch(const core::pool_id& pool,
                                              std::span<const std::uint64_t> sequences) override {
    return store_->fetch(pool, sequences);
  }
  outcome<core::ack_page> read_acks(const core::pool_id& pool, std::uint64_t mark,
                                    std::size_t acks_max) override {
    return store_->read_acks(pool, mark, acks_max);
  }
  bool blocks() const override { return store_->blocks(); }
  bool keeps_checkpoints() const override { return store_->keeps_checkpoints(); }
  outcome<std::optional<std::uint64_t>> keep_checkpoint(
      const core::checkpoint_request& request) override {
    return store_->keep_checkpoint(request);
  }
  outcome<std::optional<core::kept_checkpoint>> read_checkpoint(
      const core::pool_id& pool) override {
    return store_->read_checkpoint(pool);
  }
  outcome<std::optional<core::horizon>> read_horizon(const core::pool_id& pool) override {
    return store_->read_horizon(pool);
  }
  outcome<std::optional<std::uint64_t>> drop_records(const core::drop_request& request,
                                                     std::uint64_t after,
                                                     std::size_t most) override {
    return store_->drop_records(request, after, most);
  }
  outcome<std::vector<core::pool_id>> changed_pools() override { return store_->changed_pools(); }
  outcome<std::vector<core::registry_written>> write_registry(
      std::span<const core::registry_write> writes) override {
    return store_->write_registry(writes);
  }
  outcome<std::vector<core::registry_row>> read_registry(
      const core::registry_query& query) override {
    return store_->read_registry(query);
  }
  outcome<core::content_kept> put_content(std::span<const core::content> items) override {
    return store_->put_content(items);
  }
  outcome<std::optional<std::string>> get_content(const core::content_ref& name) override {
    return store_->get_content(name);
  }

 private:
  const std::unique_ptr<core::store_backend> store_;
  const std::vector<std::shared_ptr<append_watch>> watches_;
};

}  // namespace

std::unique_ptr<core::store_backend> watched_store(
    std::unique_ptr<core::store_backend> store,
    std::vector<std::shared_ptr<append_watch>> watches) {
  return std::make_unique<watching>(std::move(store), std::move(watches));
}

}  // namespace agentpool::tools
