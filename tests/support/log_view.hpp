#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "agentpool/core/log.hpp"
#include "agentpool/stores/sqlite.hpp"

/// What a store file really holds, read by another connection than the program's.
namespace agentpool::tests {

/// The statuses that each message went through, in log order, and the log's length.
struct log_view {
  std::uint64_t records = 0;
  std::map<std::string, std::vector<core::message_status>> statuses;
  std::map<std::string, std::vector<std::string>> delivered_to;              ///< By message id.
  std::map<std::string, std::vector<core::wake_registration_status>> wakes;  ///< By condition.
};

class still_clock : public core::clock {
 public:
  [[nodiscard]] core::instant now() const override { return core::from_millis(1); }
};

/// Reads the whole log; throws where it is not one sequence without gaps.
inline log_view view_log(core::store_backend& store, const std::string& pool) {
  log_view view;
  for (core::log_position at;;) {
    auto page = store.read(core::pool_id{pool}, at, 1000);
    if (!page) throw std::runtime_error{page.error().message};
    if (page->entries.empty()) return view;
    for (const auto& entry : page->entries) {
      const auto* record = entry->record();
      if (record == nullptr) continue;
      if (record->cursor.sequence != ++view.records) throw std::runtime_error{"a gap in the log"};
      if (const auto* wake = std::get_if<core::wake_recorded>(&record->payload))
        view.wakes[wake->stored->condition.condition_id.text()].push_back(
            wake->stored->registration.status);
      const auto* message = std::get_if<core::message_recorded>(&record->payload);
      if (message == nullptr) continue;
      const auto& receipt = message->stored.receipt;
      view.statuses[receipt.message_id.text()].push_back(receipt.status);
      if (receipt.status != core::message_status::delivered) continue;
      for (const auto& run : receipt.delivered_to)
        view.delivered_to[receipt.message_id.text()].push_back(run.text());
    }
    at = page->next;
  }
}

/// The same of a SQLite file.
inline log_view view_log(const std::string& file, const std::string& pool) {
  const still_clock clock;
  auto store = stores::open_sqlite(file, clock, {.read_only = true});
  if (!store) throw std::runtime_error{store.error().message};
  return view_log(**store, pool);
}

}  // namespace agentpool::tests
