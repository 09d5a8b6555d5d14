#include "agentpool/actors/run_handle.hpp"

#include <utility>

#include "actors/ports.hpp"

namespace agentpool::actors {

run_handle::run_handle(std::shared_ptr<run_port> port) : port_{std::move(port)} {}

const core::run_id& run_handle::id() const noexcept { return port_->id(); }

run_status run_handle::status() const { return port_->status(); }

std::optional<core::agent_error> run_handle::failure() const { return port_->failure(); }

run_status run_handle::wait(std::chrono::milliseconds timeout) const {
  return port_->wait(timeout);
}

void run_handle::cancel() const { port_->cancel(); }

core::outcome<subscription> run_handle::events(std::optional<core::event_cursor> cursor) const {
  core::event_filter filter;
  filter.run_ids.include = std::vector<core::run_id>{port_->id()};
  return pool_handle{port_->pool()}.subscribe(std::move(filter), std::move(cursor));
}

}  // namespace agentpool::actors
