#include "agentpool/core/store_backend.hpp"

namespace agentpool::core {

outcome<std::optional<std::uint64_t>> store_backend::keep_checkpoint(const checkpoint_request&) {
  return std::optional<std::uint64_t>{};
}

outcome<std::optional<kept_checkpoint>> store_backend::read_checkpoint(const pool_id&) {
  return std::optional<kept_checkpoint>{};
}

outcome<std::optional<horizon>> store_backend::read_horizon(const pool_id&) {
  return std::optional<horizon>{};
}

outcome<std::optional<std::uint64_t>> store_backend::drop_records(const drop_request&,
                                                                  std::uint64_t, std::size_t) {
  return std::optional<std::uint64_t>{};
}

outcome<std::vector<registry_written>> store_backend::write_registry(
    std::span<const registry_write>) {
  return host_configuration_needed("this store has no registry: nodes cannot stand on it");
}

outcome<std::vector<registry_row>> store_backend::read_registry(const registry_query&) {
  return host_configuration_needed("this store has no registry: nodes cannot stand on it");
}

outcome<content_kept> store_backend::put_content(std::span<const content>) {
  return host_configuration_needed("this store keeps no contents: keep them elsewhere");
}

outcome<std::optional<std::string>> store_backend::get_content(const content_ref&) {
  return host_configuration_needed("this store keeps no contents: ask for them elsewhere");
}

}  // namespace agentpool::core
