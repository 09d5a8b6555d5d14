// The stores that the contract suite runs over.
#pragma once

#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "agentpool/stores/memory.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

namespace agentpool::stores {

enum class backend {
  memory,
  sqlite,
  postgres,
  memory_with_two_handles,
  sqlite_with_two_connections,
  postgres_with_two_connections,
};

std::ostream& operator<<(std::ostream& out, backend which);

/// All of them, for GENERATE(from_range(every_backend())). Those on PostgreSQL are left out, and
/// the running test counts as skipped, where there is no server to start.
[[nodiscard]] std::vector<backend> every_backend();

/// Those of them with two handles.
[[nodiscard]] std::vector<backend> backends_with_two();

/// A fresh store. `one` and `other` are two handles on it, or one and the same.
class fresh_store {
 public:
  explicit fresh_store(backend which, core::content_limits contents = {});

  [[nodiscard]] core::store_backend& one() { return *one_; }
  [[nodiscard]] core::store_backend& other() { return other_ ? *other_ : *one_; }

  /// True when `one` and `other` are two.
  [[nodiscard]] bool has_two() const { return other_ != nullptr; }

 private:
  void open_postgres_handles(bool two, core::content_limits contents);

  samples::set_clock clock_{5'000};
  support::temporary_directory folder_;
  std::unique_ptr<core::store_backend> one_;
  std::unique_ptr<core::store_backend> other_;
};

/// The value, or a failed test that says why there is none.
template <class T>
T value_of(core::outcome<T> outcome);

/// Appends one request, which has to fit, and gives the new head.
core::log_position append(core::store_backend& store, const core::append_request& request);

/// The whole log of a pool, read in pages of `entries_max`.
std::vector<core::entry_ptr> whole_log(core::store_backend& store, const core::pool_id& pool,
                                       std::size_t entries_max = 100);

/// All acknowledgements after `mark`, read in pages of `acks_max`.
core::ack_page all_acks(core::store_backend& store, const core::pool_id& pool,
                        std::uint64_t mark = 0, std::size_t acks_max = 100);

/// What `changed_pools` tells until it has told of so many pools; not all of them after 10 s. Where
/// word has to come from a server it may take a moment, elsewhere it is there at once.
std::vector<core::pool_id> awaited_changes(core::store_backend& store, std::size_t pools = 1);

/// True when both say the same, whether or not they share it.
bool same_entries(const std::vector<core::entry_ptr>& a, const std::vector<core::entry_ptr>& b);

template <class T>
T value_of(core::outcome<T> outcome) {
  if (!outcome) throw std::runtime_error{outcome.error().message};
  return std::move(outcome).value();
}

}  // namespace agentpool::stores
