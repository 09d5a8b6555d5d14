#pragma once

#include <exception>
#include <string>
#include <utility>

#include "agentpool/core/outcome.hpp"

namespace agentpool::actors {

/// What `work` comes to; `store_unavailable` when it throws.
template <class Work>
auto guarded(Work&& work) -> decltype(work()) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::exception& fault) {
    return core::store_unavailable(std::string{"the store threw: "} + fault.what());
  } catch (...) {
    return core::store_unavailable("the store threw something");
  }
}

}  // namespace agentpool::actors
