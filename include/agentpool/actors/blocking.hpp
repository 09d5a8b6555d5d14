#pragma once

#include <future>
#include <memory>
#include <utility>

#include "agentpool/core/outcome.hpp"

namespace agentpool::actors {

/// Starts what calls back and waits for it. The engine answers everything, so this ends.
template <class T, class Start>
core::outcome<T> blocking(Start&& start) {
  auto done = std::make_shared<std::promise<core::outcome<T>>>();
  auto result = done->get_future();
  std::forward<Start>(start)([done](core::outcome<T> what) { done->set_value(std::move(what)); });
  return result.get();
}

}  // namespace agentpool::actors
