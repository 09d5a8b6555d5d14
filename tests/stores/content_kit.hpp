// Keeping and reading contents of a store in a test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "backends.hpp"

namespace agentpool::stores::contents {

inline std::vector<core::content> made(const std::vector<std::string>& bodies) {
  return {bodies.begin(), bodies.end()};
}

inline core::content_kept put_all(core::store_backend& store,
                                  const std::vector<std::string>& bodies) {
  return value_of(store.put_content(made(bodies)));
}

inline core::content_kept put(core::store_backend& store, const std::string& body) {
  return put_all(store, {body});
}

inline std::optional<std::string> get(core::store_backend& store, const core::content_ref& name) {
  return value_of(store.get_content(name));
}

}  // namespace agentpool::stores::contents
