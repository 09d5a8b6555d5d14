#include "fault_store.hpp"

namespace agentpool::sim {

namespace {

core::agent_error planned() { return core::store_unavailable("the fault plan says so"); }

}  // namespace

template <class Work>
auto fault_store::reading(Work work) -> decltype(work()) {
  if (master_->dead() || master_->read_fails()) return planned();
  return work();
}

template <class Work>
auto fault_store::appending(std::span<const core::append_request> requests, Work work)
    -> decltype(work()) {
  if (master_->dead()) return planned();
  const auto fate = master_->on_append(requests);
  if (fate == append_fate::dies_before) master_->on_died();
  if (fate == append_fate::dies_before || fate == append_fate::refused) return planned();
  auto done = work();
  if (fate == append_fate::dies_after) master_->on_died();
  if (fate != append_fate::kept) return planned();
  return done;
}

template <class Work>
auto fault_store::writing_beside(Work work) -> decltype(work()) {
  if (master_->dead()) return planned();
  const auto fate = master_->on_registry();
  if (fate == append_fate::dies_before) master_->on_died();
  if (fate == append_fate::dies_before || fate == append_fate::refused) return planned();
  auto done = work();
  if (fate == append_fate::dies_after) master_->on_died();
  if (fate != append_fate::kept) return planned();
  return done;
}

core::outcome<std::vector<core::pool_id>> fault_store::list_pools() {
  return reading([&] { return kept_.list_pools(); });
}

core::outcome<core::log_position> fault_store::head(const core::pool_id& pool) {
  return reading([&] { return kept_.head(pool); });
}

core::outcome<core::log_page> fault_store::read(const core::pool_id& pool, core::log_position after,
                                                std::size_t entries_max) {
  return reading([&] { return kept_.read(pool, after, entries_max); });
}

core::outcome<std::vector<core::entry_ptr>> fault_store::fetch(
    const core::pool_id& pool, std::span<const std::uint64_t> sequences) {
  return reading([&] { return kept_.fetch(pool, sequences); });
}

core::outcome<core::ack_page> fault_store::read_acks(const core::pool_id& pool, std::uint64_t mark,
                                                     std::size_t acks_max) {
  return reading([&] { return kept_.read_acks(pool, mark, acks_max); });
}

core::outcome<std::vector<core::append_result>> fault_store::append(
    std::span<const core::append_request> requests) {
  return appending(requests, [&] {
    auto results = kept_.append(requests);
    if (results)
      for (std::size_t i = 0; i < requests.size(); ++i)
        if ((*results)[i].what == core::append_result::kind::appended)
          master_->on_appended(requests[i]);
    return results;
  });
}

core::outcome<std::optional<std::uint64_t>> fault_store::keep_checkpoint(
    const core::checkpoint_request& request) {
  if (master_->dead())
    return std::optional<std::uint64_t>{};  // An engine that is gone leaves none.
  auto number = kept_.keep_checkpoint(request);
  master_->on_checkpoint(request, number && *number);
  return number;
}

core::outcome<std::optional<core::kept_checkpoint>> fault_store::read_checkpoint(
    const core::pool_id& pool) {
  return reading([&] { return kept_.read_checkpoint(pool); });
}

core::outcome<std::optional<core::horizon>> fault_store::read_horizon(const core::pool_id& pool) {
  return reading([&] { return kept_.read_horizon(pool); });
}

core::outcome<std::optional<std::uint64_t>> fault_store::drop_records(
    const core::drop_request& request, std::uint64_t after, std::size_t most) {
  if (master_->dead()) return planned();
  return kept_.drop_records(request, after, most);
}

core::outcome<std::vector<core::pool_id>> fault_store::changed_pools() {
  if (master_->dead()) return planned();
  return kept_.changed_pools();
}

core::outcome<std::vector<core::registry_written>> fault_store::write_registry(
    std::span<const core::registry_write> writes) {
  return writing_beside([&] { return kept_.write_registry(writes); });
}

core::outcome<std::vector<core::registry_row>> fault_store::read_registry(
    const core::registry_query& query) {
  return reading([&] { return kept_.read_registry(query); });
}

core::outcome<core::content_kept> fault_store::put_content(std::span<const core::content> items) {
  return writing_beside([&] { return kept_.put_content(items); });
}

core::outcome<std::optional<std::string>> fault_store::get_content(const core::content_ref& name) {
  return reading([&] { return kept_.get_content(name); });
}

}  // namespace agentpool::sim
