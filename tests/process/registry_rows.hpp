// A row in the registry of a store that no program has open.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::tests {

/// Nothing that the registry does has a time.
struct no_clock final : core::clock {
  [[nodiscard]] core::instant now() const override { return core::from_millis(1); }
};

inline core::registry_row only_row(const core::outcome<std::vector<core::registry_row>>& rows) {
  if (!rows) throw std::runtime_error{rows.error().message};
  return rows->at(0);
}

/// Makes the row "pool", "pool.a"; gives it as it is kept.
inline core::registry_row make_row(core::store_backend& store) {
  const std::vector<core::registry_write> writes{{"pool", "pool.a", "node.1", 0}};
  if (!store.write_registry(writes)) throw std::runtime_error{"the registry cannot be written"};
  return only_row(store.read_registry({"pool"}));
}

}  // namespace agentpool::tests
