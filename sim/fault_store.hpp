#pragma once

#include <memory>
#include <span>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "agentpool/stores/memory.hpp"
#include "injector.hpp"

namespace agentpool::sim {

/// What a store asks the world that it is part of.
class store_master {
 public:
  virtual ~store_master() = default;

  /// An engine that died does nothing more to the log.
  [[nodiscard]] virtual bool dead() const = 0;
  [[nodiscard]] virtual append_fate on_append(std::span<const core::append_request> requests) = 0;
  virtual void on_appended(const core::append_request& request) = 0;
  virtual void on_died() = 0;
  virtual void on_checkpoint(const core::checkpoint_request& request, bool kept) = 0;
  [[nodiscard]] virtual bool read_fails() = 0;
  /// What becomes of a write to the registry, or of contents.
  [[nodiscard]] virtual append_fate on_registry() = 0;
};

/// A handle on the world's logs that fails as it is told. An append is all or nothing also here:
/// what can be lost is the answer.
class fault_store final : public core::store_backend {
 public:
  fault_store(std::shared_ptr<store_master> master, std::shared_ptr<stores::memory_log> log,
              bool keeps_checkpoints)
      : master_{std::move(master)}, kept_{std::move(log)}, keeps_checkpoints_{keeps_checkpoints} {}

  [[nodiscard]] core::outcome<std::vector<core::pool_id>> list_pools() override;
  [[nodiscard]] core::outcome<core::log_position> head(const core::pool_id& pool) override;
  [[nodiscard]] core::outcome<core::log_page> read(const core::pool_id& pool,
                                                   core::log_position after,
                                                   std::size_t entries_max) override;
  [[nodiscard]] core::outcome<std::vector<core::entry_ptr>> fetch(
      const core::pool_id& pool, std::span<const std::uint64_t> sequences) override;
  [[nodiscard]] core::outcome<core::ack_page> read_acks(const core::pool_id& pool,
                                                        std::uint64_t mark,
                                                        std::size_t acks_max) override;
  [[nodiscard]] core::outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override;
  [[nodiscard]] bool keeps_checkpoints() const override { return keeps_checkpoints_; }
  [[nodiscard]] core::outcome<std::optional<std::uint64_t>> keep_checkpoint(
      const core::checkpoint_request& request) override;
  [[nodiscard]] core::outcome<std::optional<core::kept_checkpoint>> read_checkpoint(
      const core::pool_id& pool) override;
  [[nodiscard]] core::outcome<std::optional<core::horizon>> read_horizon(
      const core::pool_id& pool) override;
  [[nodiscard]] core::outcome<std::optional<std::uint64_t>> drop_records(
      const core::drop_request& request, std::uint64_t after, std::size_t most) override;
  [[nodiscard]] core::outcome<std::vector<core::pool_id>> changed_pools() override;
  [[nodiscard]] core::outcome<std::vector<core::registry_written>> write_registry(
      std::span<const core::registry_write> writes) override;
  [[nodiscard]] core::outcome<std::vector<core::registry_row>> read_registry(
      const core::registry_query& query) override;
  [[nodiscard]] core::outcome<core::content_kept> put_content(
      std::span<const core::content> items) override;
  [[nodiscard]] core::outcome<std::optional<std::string>> get_content(
      const core::content_ref& name) override;

 private:
  /// What `work` comes to, unless this read is to fail.
  template <class Work>
  auto reading(Work work) -> decltype(work());

  /// What `work` comes to, unless this write beside the logs has another fate.
  template <class Work>
  auto writing_beside(Work work) -> decltype(work());

  /// What `work` comes to, unless the append of these requests has another fate.
  template <class Work>
  auto appending(std::span<const core::append_request> requests, Work work) -> decltype(work());

  std::shared_ptr<store_master> master_;
  stores::memory_store kept_;
  bool keeps_checkpoints_;
};

}  // namespace agentpool::sim
