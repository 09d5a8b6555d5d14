#include "actors/content_batch.hpp"

#include <span>
#include <utility>

#include "actors/guard.hpp"

namespace agentpool::actors {

namespace {

using call_ptr = content_batch::call_ptr;

core::outcome<core::content_kept> kept(core::store_backend& backend,
                                       std::span<const core::content> items) {
  return guarded([&] { return backend.put_content(items); });
}

void answer(const call_ptr& call, const core::content_ref& name,
            const core::outcome<core::content_kept>& what) {
  if (!what) return call->back.give(what.error());
  call->back.give(name);
}

/// True for what one item may have caused: its size, or that there is no room for it.
bool may_be_ones_fault(const core::agent_error& error) {
  return error.kind == core::agent_error_kind::invalid_state_transition ||
         error.kind == core::agent_error_kind::timeout;
}

}  // namespace

void content_batch::keep(core::store_backend& backend, std::size_t bytes_max) {
  std::vector<call_ptr> calls;
  std::vector<core::content> items;
  std::size_t bytes = 0;
  while (!waiting_.empty()) {
    const auto size = waiting_.front()->ask.bytes().size();
    if (!calls.empty() && bytes + size > bytes_max) break;
    bytes += size;
    items.push_back(std::move(waiting_.front()->ask));
    calls.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  if (calls.empty()) return;
  const auto together = kept(backend, items);
  const bool apart = !together && items.size() > 1 && may_be_ones_fault(together.error());
  for (std::size_t i = 0; i < calls.size(); ++i)
    answer(calls[i], items[i].name(), apart ? kept(backend, {&items[i], 1}) : together);
}

}  // namespace agentpool::actors
