#pragma once

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "agentpool/actors/log.hpp"
#include "agentpool/actors/pool_handle.hpp"

namespace agentpool::actors {

/// The callback of a caller, whose code must not end an actor of ours: what it throws is logged.
template <class T>
callback<T> contained(callback<T> then) {
  return [then = std::move(then)](core::outcome<T> what) {
    try {
      then(std::move(what));
    } catch (const std::exception& fault) {
      logger().error("a callback threw: {}", fault.what());
    } catch (...) {
      logger().error("a callback threw something");
    }
  };
}

}  // namespace agentpool::actors
