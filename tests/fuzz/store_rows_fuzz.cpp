// Any bytes as a row of agent_pool_records: they are an entry or a typed error, never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agentpool/core/json.hpp"
#include "stores/log_rows.hpp"
#include "stores/sqlite_connection.hpp"

namespace core = agentpool::core;
namespace stores = agentpool::stores;

namespace {

constexpr std::string_view kinds[] = {"pool_opened", "pool_created", "member_joined",
                                      "member_left", "run_message",  "wake"};

/// An entry says the same again when it is written and read once more.
void check_again(const core::pool_id& pool, const core::log_entry& entry) {
  const auto& payload = entry.record()->payload;
  const auto written = core::to_json(payload);
  const auto again =
      stores::entry_of(pool, stores::record_row{1, stores::kind_of(payload), written, 1, {}});
  if (again->record()->payload != payload) std::abort();
}

}  // namespace

// The first byte chooses the kind column (a known one, or the payload's own first bytes), the
// second whether the rest is a payload, a trigger or a host event.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 2, size - 2};
  const core::pool_id pool{"pool.fuzz"};
  stores::record_row row{1, text.substr(0, 12), text, 1, {}};
  if (data[0] % 8 < std::size(kinds)) row.kind = kinds[data[0] % 8];
  try {
    if (data[1] % 4 == 1) {
      row = {1, "pool_created", R"({"type":"pool_created"})", 1, text};
    } else if (data[1] % 4 == 2) {
      static_cast<void>(stores::entry_of(pool, stores::host_row{1, 1, 1, text}));
      return 0;
    }
    check_again(pool, *stores::entry_of(pool, row));
  } catch (const stores::corrupt_row& fault) {
    if (stores::store_error(fault).message.empty()) std::abort();
  }
  return 0;
}
