// Entries to put into logs, and the position of a log that is made of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "agentpool/core/log.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::stores::samples {

/// A clock that stands still until it is set.
class set_clock final : public core::clock {
 public:
  explicit set_clock(std::uint64_t millis) : millis_{millis} {}
  [[nodiscard]] core::instant now() const override { return core::from_millis(millis_); }
  void set(std::uint64_t millis) { millis_ = millis; }

 private:
  std::atomic<std::uint64_t> millis_;
};

[[nodiscard]] core::store_payload opened();
[[nodiscard]] core::store_payload created();
[[nodiscard]] core::store_payload joined(const std::string& run);
[[nodiscard]] core::store_payload left(const std::string& run);
[[nodiscard]] core::store_payload message(const std::string& id, core::message_status status);
[[nodiscard]] core::store_payload wake(const std::string& id,
                                       core::wake_registration_status status);
[[nodiscard]] core::trigger trigger(const std::string& event);
[[nodiscard]] core::agent_event event(const std::string& id);

[[nodiscard]] core::entry_ptr record(const core::pool_id& pool, std::uint64_t sequence,
                                     core::store_payload payload,
                                     std::uint64_t recorded_at_millis = 1'000);
[[nodiscard]] core::entry_ptr host(std::uint64_t number, std::uint64_t after_sequence,
                                   std::uint64_t recorded_at_millis = 1'000);

/// `count` records after `expected`: the pool's opening first in an empty log, then messages.
[[nodiscard]] core::append_request records(const core::pool_id& pool, core::log_position expected,
                                           std::size_t count = 1);
/// One host event after `expected`.
[[nodiscard]] core::append_request host_event(const core::pool_id& pool,
                                              core::log_position expected);
/// Acknowledgements alone.
[[nodiscard]] core::append_request acks(const core::pool_id& pool,
                                        std::vector<core::inbox_ack> positions);
[[nodiscard]] core::inbox_ack ack(const std::string& run, std::uint64_t sequence);

}  // namespace agentpool::stores::samples
