#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentpool/core/content.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_backend.hpp"

/// Where the logs of pools are kept.
namespace agentpool::stores {

/// Logs in memory that several `memory_store`s may share, as several processes share a file.
/// They may do so from several threads.
class memory_log {
 public:
  /// `contents` bounds what contents it keeps beside the logs.
  explicit memory_log(core::content_limits contents = {});
  ~memory_log();
  memory_log(const memory_log&) = delete;
  memory_log& operator=(const memory_log&) = delete;

 private:
  friend class memory_store;
  struct contents;
  std::unique_ptr<contents> contents_;
};

/// A handle on a `memory_log`. Entries are kept as they come and handed out again, never copied.
/// Nothing outlives the log; it never fails but for requests that are no log (see `append`).
class memory_store final : public core::store_backend {
 public:
  /// Stands on a log of its own.
  memory_store();
  explicit memory_store(std::shared_ptr<memory_log> log);
  ~memory_store() override;
  memory_store(const memory_store&) = delete;
  memory_store& operator=(const memory_store&) = delete;

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
  /// A contract violation when a request's entries are not a continuation of what it expects.
  [[nodiscard]] core::outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override;
  [[nodiscard]] bool blocks() const override { return false; }
  /// Checkpoints are kept when asked for, although reading the log again costs little here.
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
  std::shared_ptr<memory_log> log_;
};

}  // namespace agentpool::stores
