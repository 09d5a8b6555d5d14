#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agentpool/core/json.hpp"

namespace core = agentpool::core;

namespace {

/// What reads must write and read back equal, and write the same bytes again.
template <class T>
void check(std::string_view text, core::reading how) {
  const auto first = core::from_json<T>(text, how);
  if (!first) return;
  const std::string written = core::to_json(*first);
  const auto second = core::from_json<T>(written);
  if (!second || !(*second == *first) || core::to_json(*second) != written) std::abort();
}

}  // namespace

/// The first byte picks the record and how to read it; the rest is its JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto how = (data[0] & 1) != 0 ? core::reading::request : core::reading::strict;
  switch ((data[0] >> 1) % 7) {
    case 0: check<core::run_message>(text, how); break;
    case 1: check<core::wake_condition>(text, how); break;
    case 2: check<core::event_filter>(text, how); break;
    case 3: check<core::event_frame>(text, how); break;
    case 4: check<core::store_record>(text, how); break;
    case 5: check<core::journal_record>(text, how); break;
    default: check<core::pool_snapshot>(text, how); break;
  }
  return 0;
}
