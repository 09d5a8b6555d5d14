// Memory, SQLite and PostgreSQL give equal answers to whatever is asked.
#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "samples.hpp"

namespace agentpool::stores {
namespace {

const std::array pools{core::pool_id{"pool.a"}, core::pool_id{"pool.b"}};
using heads = std::array<core::log_position, pools.size()>;

int below(int bound) { return *rc::gen::inRange(0, bound); }

core::store_payload any_payload(std::uint64_t sequence) {
  const std::string id = "id." + std::to_string(sequence);
  switch (below(6)) {
    case 0: return samples::opened();
    case 1: return samples::created();
    case 2: return samples::joined("run." + id);
    case 3: return samples::left("run." + id);
    case 4: return samples::message(id, core::message_status::delivered);
    default: return samples::wake(id, core::wake_registration_status::triggered);
  }
}

/// Up to three entries and acknowledgements after `at`, which is moved to their end.
core::append_request any_request(const core::pool_id& pool, core::log_position& at) {
  core::append_request request{pool, at, {}, {}};
  for (int entries = below(4); entries > 0; --entries) {
    const auto millis = static_cast<std::uint64_t>(1 + below(1'000));
    auto entry = below(3) == 0
                     ? samples::host(at.host_events + 1, at.sequence, millis)
                     : samples::record(pool, at.sequence + 1, any_payload(at.sequence), millis);
    if (entry->record() != nullptr && below(4) == 0) {
      auto triggered = *entry;
      triggered.triggered_by = samples::trigger("event.x");
      entry = std::make_shared<core::log_entry>(triggered);
    }
    at = core::after(*entry, at);
    request.entries.push_back(std::move(entry));
  }
  for (int acks = below(3); acks > 0; --acks)
    request.acks.push_back(
        samples::ack("run." + std::to_string(below(3)), static_cast<std::uint64_t>(below(9))));
  return request;
}

/// One to four requests; some expect what is not, and those after them then do, too.
std::vector<core::append_request> any_batch(const heads& from) {
  heads at = from;
  std::vector<core::append_request> batch;
  for (int requests = 1 + below(4); requests > 0; --requests) {
    const auto which = static_cast<std::size_t>(below(pools.size()));
    auto& position = at[which];
    if (below(5) == 0) position.sequence = static_cast<std::uint64_t>(below(4));
    if (below(8) == 0) position.host_events = static_cast<std::uint64_t>(below(3));
    batch.push_back(any_request(pools[which], position));
  }
  return batch;
}

bool same_results(const std::vector<core::append_result>& a,
                  const std::vector<core::append_result>& b) {
  return std::ranges::equal(
      a, b, [](const auto& x, const auto& y) { return x.what == y.what && x.head == y.head; });
}

void compare(core::store_backend& a, core::store_backend& b) {
  RC_ASSERT(value_of(a.list_pools()) == value_of(b.list_pools()));
  for (const auto& pool : pools) {
    RC_ASSERT(value_of(a.head(pool)) == value_of(b.head(pool)));
    const auto length = static_cast<std::size_t>(1 + below(5));
    RC_ASSERT(same_entries(whole_log(a, pool, length), whole_log(b, pool, length)));
    const core::log_position anywhere{static_cast<std::uint64_t>(below(6)),
                                      static_cast<std::uint64_t>(below(4))};
    const auto page_a = value_of(a.read(pool, anywhere, length));
    const auto page_b = value_of(b.read(pool, anywhere, length));
    RC_ASSERT(page_a.next == page_b.next);
    RC_ASSERT(same_entries(page_a.entries, page_b.entries));
    RC_ASSERT(all_acks(a, pool, 0, length).acks == all_acks(b, pool, 0, length).acks);
  }
}

}  // namespace

namespace {

/// Any batches to a store in memory and one on `durable`, and their answers side by side.
void same_answers(backend durable, bool tells_at_once) {
  fresh_store memory{backend::memory_with_two_handles};
  fresh_store other{durable};
  for (int batches = below(6); batches > 0; --batches) {
    heads now;
    for (std::size_t i = 0; i < pools.size(); ++i) now[i] = value_of(memory.one().head(pools[i]));
    const auto batch = any_batch(now);
    const bool first = below(2) == 0;
    const auto in_memory = value_of((first ? memory.one() : memory.other()).append(batch));
    const auto in_other = value_of((first ? other.one() : other.other()).append(batch));
    RC_ASSERT(same_results(in_memory, in_other));
    const auto changed = value_of(memory.one().changed_pools());
    RC_ASSERT(changed == (tells_at_once ? value_of(other.one().changed_pools())
                                        : awaited_changes(other.one(), changed.size())));
  }
  compare(memory.one(), other.one());
  compare(memory.other(), other.other());
}

}  // namespace

TEST_CASE("memory and sqlite answer any batches alike and read back alike") {
  CHECK(rc::check([] { same_answers(backend::sqlite_with_two_connections, true); }));
}

TEST_CASE("memory and postgres answer any batches alike and read back alike") {
  if (!has_postgres()) return;
  CHECK(rc::check([] { same_answers(backend::postgres_with_two_connections, false); }));
}

}  // namespace agentpool::stores
