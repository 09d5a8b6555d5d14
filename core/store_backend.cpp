#include "agentpool/core/store_backend.hpp"

namespace agentpool::core {

outcome<std::optional<std::uint64_t>> store_backend::keep_checkpoint(const checkpoint_request&) {
  return std::optional<std::uint64_t>{};
}

outcome<std::optional<kept_checkpoint>> store_backend::read_checkpoint(const pool_id&) {
  return std::optional<kept_checkpoint>{};
}

}  // namespace agentpool::core
