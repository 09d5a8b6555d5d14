#include "record_reading.hpp"

#include <string>
#include <utility>
#include <vector>

#include "feed.hpp"
#include "page_result.hpp"
#include "tools/rpc_methods.hpp"

namespace agentpool::tools {

namespace {

using records = std::vector<core::store_record>;

/// The stream's first ones, of which there is at least one; `last` is where the log ends.
void tell_page(const route_call& call, const actors::pool_handle& pool, const records_wanted& what,
               std::uint64_t last) {
  const auto give = [exchange = call.exchange, desk = call.desk,
                     last](const core::outcome<records>& page) {
    if (!page) return exchange->answer(error_response(page.error()));
    std::string next;
    if (!page->empty() && page->back().cursor.sequence < last)
      next = std::to_string(page->back().cursor.sequence);
    exchange->answer(json_response(page_result(list_result("records", *page), next)));
  };
  if (last == what.after.sequence) return give(records{});
  pool.watch(what.after, [limit = what.limit, give](core::outcome<actors::record_stream> stream) {
    if (!stream) return give(stream.error());
    stream->pull(limit, [give, open = *stream](const core::outcome<records>& page) mutable {
      open.close();
      give(page);
    });
  });
}

}  // namespace

void tell_records(front& at, const route_call& call, const actors::pool_handle& pool,
                  records_wanted what) {
  core::read_snapshot bare;
  bare.bare = true;
  call.desk->submit(
      pool.id(), std::move(bare), {},
      [&at, call, pool, what](const core::outcome<core::answer>& now) {
        if (!now) return call.exchange->answer(error_response(now.error()));
        const auto head = std::get<core::pool_snapshot>(*now).cursor.value_or(core::store_cursor{});
        if (what.after.sequence > head.sequence)
          return call.exchange->answer(error_response(
              core::contract_violation("cursor is past the end of this pool's records")));
        if (what.stream) return feed_records(at, call.exchange, pool, what.after);
        tell_page(call, pool, what, head.sequence);
      });
}

}  // namespace agentpool::tools
