#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentpool/core/checkpoint.hpp"
#include "agentpool/core/content.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/registry.hpp"

/// The port between the engine and what keeps its logs.
namespace agentpool::core {

/// What one operation adds to one pool, all of it or nothing. Entries stand in log order and
/// follow `expected` without a gap. Acknowledgements never move a position back; an append of
/// acknowledgements alone fits any position.
struct append_request {
  core::pool_id pool_id;
  log_position expected;
  std::vector<entry_ptr> entries;
  std::vector<inbox_ack> acks;
};

/// Whether a request was appended. `head` is the log's position afterwards. With `conflict`
/// nothing was appended: the log does not end at the expected position.
struct append_result {
  enum class kind : std::uint8_t { appended, conflict };

  kind what = kind::appended;
  log_position head;
};

/// A run of consecutive entries. `next` is the position after the last of them; there is more
/// as long as a page is not empty.
struct log_page {
  std::vector<entry_ptr> entries;
  log_position next;
};

/// Positions that changed since a mark; `mark` is what to ask with next time.
struct ack_page {
  std::vector<inbox_ack> acks;
  std::uint64_t mark = 0;
};

/// A checkpoint to keep in place of the pool's former one. With `follows`, its parts are added to
/// those kept under that number; else it stands for itself. With `begins`, the pool's log begins
/// there from now on.
struct checkpoint_request {
  core::pool_id pool_id;
  checkpoint what;
  std::optional<std::uint64_t> follows;
  std::optional<horizon> begins;
};

/// A checkpoint as it is kept. The number changes with each that is kept.
struct kept_checkpoint {
  checkpoint what;
  std::uint64_t number = 0;
};

/// Which records can go: all up to the horizon but those still needed, which are sorted.
struct drop_request {
  core::pool_id pool_id;
  std::vector<std::uint64_t> needed;
};

/// Keeps the logs of pools. One object is used by one thread at a time; several objects, in this
/// process or another, may stand on the same data. Errors name the pool and, where one is at
/// fault, the sequence: `store_unavailable` when repeating may help, `store_corrupt` when the
/// data is not a log.
class store_backend {
 public:
  virtual ~store_backend() = default;

  /// The ids of all pools that have a record, sorted.
  [[nodiscard]] virtual outcome<std::vector<pool_id>> list_pools() = 0;

  /// Where the pool's log ends; {0, 0} for a pool without records.
  [[nodiscard]] virtual outcome<log_position> head(const pool_id& pool) = 0;

  /// The entries after `after`, which is not before the pool's horizon (a contract violation), at
  /// most `entries_max` (at least 1), in log order: a record comes before the host events published
  /// after it. A gap or an unreadable entry is `store_corrupt`.
  [[nodiscard]] virtual outcome<log_page> read(const pool_id& pool, log_position after,
                                               std::size_t entries_max) = 0;

  /// The records with these sequences, in the order asked for. A missing one is `store_corrupt`.
  [[nodiscard]] virtual outcome<std::vector<entry_ptr>> fetch(
      const pool_id& pool, std::span<const std::uint64_t> sequences) = 0;

  /// The inbox positions that changed after `mark`, at most `acks_max`, oldest change first;
  /// from mark 0, every run that has one. An empty page means that there is no more.
  [[nodiscard]] virtual outcome<ack_page> read_acks(const pool_id& pool, std::uint64_t mark,
                                                    std::size_t acks_max) = 0;

  /// Appends the requests in order as one transaction, durable when this returns. Each request
  /// that fits is appended, each other is a conflict and leaves no trace; one answer a request.
  /// An error means that none of them was appended, as far as the store could find out.
  [[nodiscard]] virtual outcome<std::vector<append_result>> append(
      std::span<const append_request> requests) = 0;

  /// Whether a call may wait, for a disk or a network. An engine calls its store on its workers,
  /// and has one more of them for a store that may, so that what needs no store goes on meanwhile.
  [[nodiscard]] virtual bool blocks() const { return true; }

  /// Whether it keeps checkpoints. Without them opening a pool reads its whole log.
  [[nodiscard]] virtual bool keeps_checkpoints() const { return false; }

  /// Keeps a checkpoint, durable when this returns, and gives its number. Nothing, and nothing is
  /// changed, when what it follows is not what is kept (another engine kept one meanwhile), or when
  /// the log ends before it.
  [[nodiscard]] virtual outcome<std::optional<std::uint64_t>> keep_checkpoint(
      const checkpoint_request& request);

  /// The latest checkpoint that was kept, with the parts of all that it follows; nothing when there
  /// is none, or the log ends before it.
  [[nodiscard]] virtual outcome<std::optional<kept_checkpoint>> read_checkpoint(
      const pool_id& pool);

  /// Where the pool's log begins, without messages and wakes; nothing when it was never shortened.
  [[nodiscard]] virtual outcome<std::optional<horizon>> read_horizon(const pool_id& pool);

  /// Removes entries up to the pool's horizon, beginning after the sequence `after`; looks at about
  /// `most`. Gives the sequence to go on after; nothing when there is no more. What was removed by
  /// a call stays removed. Records of kind `pool_opened` stay.
  [[nodiscard]] virtual outcome<std::optional<std::uint64_t>> drop_records(
      const drop_request& request, std::uint64_t after, std::size_t most);

  /// The pools that others may have changed since the last call, by looking at what this object
  /// read and appended itself. Cheap enough to call every 20 ms. May name a pool too many.
  [[nodiscard]] virtual outcome<std::vector<pool_id>> changed_pools() = 0;

  /// Writes the rows in order as one transaction, durable when this returns; one answer a write.
  /// Each that is as expected is written, each other leaves no trace. An error means that none of
  /// them was written, or that this is not known. A store without a registry answers
  /// `host_configuration_needed`.
  [[nodiscard]] virtual outcome<std::vector<registry_written>> write_registry(
      std::span<const registry_write> writes);

  /// The rows asked for, by key.
  [[nodiscard]] virtual outcome<std::vector<registry_row>> read_registry(
      const registry_query& query);

  /// Keeps the contents, all of them or none, durable when this returns; what is there already is
  /// not kept twice. A contract violation for one that is too large, `overloaded` when the store
  /// has no room left for all (core::content_limits); repeating is safe after any error. A store
  /// without contents answers `host_configuration_needed`.
  [[nodiscard]] virtual outcome<content_kept> put_content(std::span<const content> items);

  /// The bytes kept under that name; nothing when there are none. `store_corrupt` names a content
  /// whose bytes are others than those that it was named after. A contract violation when the name
  /// is none of `content_name`.
  [[nodiscard]] virtual outcome<std::optional<std::string>> get_content(const content_ref& name);
};

}  // namespace agentpool::core
