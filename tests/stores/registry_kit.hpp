// Writing and reading the registry of a store in a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "backends.hpp"

namespace agentpool::stores::registry {

/// A row of the space "lease" is to be made or changed.
inline core::registry_write put(const std::string& key, const std::string& value,
                                std::uint64_t expected = 0) {
  return {"lease", key, value, expected};
}

/// A row of the space "lease" is to go.
inline core::registry_write removal(const std::string& key, std::uint64_t expected) {
  return {"lease", key, std::nullopt, expected};
}

inline std::vector<core::registry_written> write_all(
    core::store_backend& store, const std::vector<core::registry_write>& writes) {
  auto answers = value_of(store.write_registry(writes));
  if (answers.size() != writes.size()) throw std::runtime_error{"not one answer a write"};
  return answers;
}

inline core::registry_written write(core::store_backend& store, const core::registry_write& one) {
  return write_all(store, {one})[0];
}

/// Writes what has to fit, and gives the version.
inline std::uint64_t fitting(core::store_backend& store, const core::registry_write& one) {
  const auto version = write(store, one);
  if (!version) throw std::runtime_error{"the row is not as expected"};
  return *version;
}

/// The one row of the space "lease".
inline std::optional<core::registry_row> row_of(core::store_backend& store,
                                                const std::string& key) {
  auto rows = value_of(store.read_registry({"lease", key}));
  if (rows.size() > 1) throw std::runtime_error{"one key, two rows"};
  return rows.empty() ? std::nullopt : std::optional{rows[0]};
}

/// All rows of a space, read in pages.
inline std::vector<core::registry_row> all_rows(core::store_backend& store,
                                                const std::string& space = "lease",
                                                std::size_t rows_max = 100) {
  std::vector<core::registry_row> all;
  while (true) {
    const std::string after = all.empty() ? std::string{} : all.back().key;
    const auto page = value_of(store.read_registry({space, {}, after, rows_max}));
    if (page.empty()) return all;
    if (page.size() > rows_max) throw std::runtime_error{"a page is too long"};
    all.insert(all.end(), page.begin(), page.end());
  }
}

}  // namespace agentpool::stores::registry
