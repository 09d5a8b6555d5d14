// What every store promises to the engine, over each of them.
#include "agentpool/core/store_backend.hpp"

#include <algorithm>

#include "backends.hpp"
#include "catch.hpp"
#include "samples.hpp"

namespace agentpool::stores {
namespace {

using core::log_position;
using kind = core::append_result::kind;
using pool_ids = std::vector<core::pool_id>;

const core::pool_id pool_a{"pool.a"};
const core::pool_id pool_b{"pool.b"};

std::vector<core::append_result> append_all(core::store_backend& store,
                                            const std::vector<core::append_request>& requests) {
  return value_of(store.append(requests));
}

std::vector<std::uint64_t> sequences_of(const std::vector<core::entry_ptr>& entries) {
  std::vector<std::uint64_t> sequences;
  for (const auto& entry : entries)
    if (entry->record() != nullptr) sequences.push_back(entry->record()->cursor.sequence);
  return sequences;
}

/// One of every kind of record, a wake's trigger among them, and a host event in between.
core::append_request one_of_each(const core::pool_id& pool) {
  using status = core::message_status;
  const core::store_payload payloads[] = {
      samples::opened(),
      samples::created(),
      samples::joined("run.receiver"),
      samples::message("message.1", status::accepted),
      samples::message("message.1", status::delivered),
      samples::wake("wake.1", core::wake_registration_status::registered),
      samples::wake("wake.1", core::wake_registration_status::triggered),
      samples::left("run.receiver")};
  core::append_request request{pool, {}, {}, {}};
  std::uint64_t sequence = 0;
  for (const auto& payload : payloads) {
    ++sequence;
    request.entries.push_back(samples::record(pool, sequence, payload, 100 + sequence));
  }
  auto triggered = *request.entries[6];
  triggered.triggered_by = samples::trigger("event.1");
  request.entries[6] = std::make_shared<core::log_entry>(triggered);
  request.entries.insert(request.entries.begin() + 5, samples::host(1, 5));
  return request;
}

}  // namespace

TEST_CASE("a pool that nobody wrote to is empty and is not listed") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  CHECK(value_of(store.one().head(pool_a)) == log_position{});
  CHECK(value_of(store.one().list_pools()).empty());
  const auto page = value_of(store.one().read(pool_a, {}, 10));
  CHECK(page.entries.empty());
  CHECK(page.next == log_position{});
  CHECK(value_of(store.one().read_acks(pool_a, 0, 10)).acks.empty());
}

TEST_CASE("what was appended is read back equal, in log order, with its times and triggers") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto request = one_of_each(pool_a);
  CHECK(append(store.one(), request) == log_position{8, 1});
  CHECK(same_entries(whole_log(store.other(), pool_a), request.entries));
  CHECK(value_of(store.other().head(pool_a)) == log_position{8, 1});
}

TEST_CASE("a log is read in pages of any length without loss or repeat") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto request = one_of_each(pool_a);
  append(store.one(), request);
  const std::size_t length = GENERATE(1U, 2U, 3U, 8U, 9U);
  CHECK(same_entries(whole_log(store.other(), pool_a, length), request.entries));
}

TEST_CASE("reading goes on after any position on the log's way") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto request = one_of_each(pool_a);
  append(store.one(), request);
  log_position at;
  for (std::size_t i = 0; i < request.entries.size(); ++i) {
    const auto page = value_of(store.other().read(pool_a, at, 1));
    REQUIRE(page.entries.size() == 1);
    CHECK(*page.entries[0] == *request.entries[i]);
    at = core::after(*request.entries[i], at);
    CHECK(page.next == at);
  }
  const auto end = value_of(store.other().read(pool_a, at, 1));
  CHECK(end.entries.empty());
  CHECK(end.next == at);
}

TEST_CASE("a position without host events or past the end gives what the log has after it") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append(store.one(), one_of_each(pool_a));
  const auto late = value_of(store.one().read(pool_a, {6, 0}, 10)).entries;
  REQUIRE(late.size() == 3);
  CHECK(late[0]->host() != nullptr);
  CHECK(sequences_of(late) == std::vector<std::uint64_t>{7, 8});
  CHECK(value_of(store.one().read(pool_a, {50, 50}, 10)).entries.empty());
}

TEST_CASE("host events stand after the record that they followed") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  auto at = append(store.one(), samples::records(pool_a, {}, 2));
  at = append(store.other(), samples::host_event(pool_a, at));
  at = append(store.one(), samples::host_event(pool_a, at));
  at = append(store.other(), samples::records(pool_a, at, 1));
  CHECK(at == log_position{3, 2});
  const auto log = whole_log(store.one(), pool_a);
  REQUIRE(log.size() == 5);
  CHECK(log[2]->host() != nullptr);
  CHECK(log[3]->host() != nullptr);
  CHECK(log[4]->record() != nullptr);
}

TEST_CASE("an append that expects another record is a conflict and leaves no trace") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto head = append(store.one(), samples::records(pool_a, {}, 3));
  auto late = samples::records(pool_a, {2, 0}, 2);
  late.acks = {samples::ack("run.a", 2)};
  const auto results = append_all(store.other(), {late});
  REQUIRE(results.size() == 1);
  CHECK(results[0].what == kind::conflict);
  CHECK(results[0].head == head);
  CHECK(whole_log(store.one(), pool_a).size() == 3);
  CHECK(all_acks(store.one(), pool_a).acks.empty());
  CHECK(append(store.other(), samples::records(pool_a, head, 1)) == log_position{4, 0});
}

TEST_CASE("an append that expects other host events is a conflict") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto before = append(store.one(), samples::records(pool_a, {}, 1));
  const auto head = append(store.one(), samples::host_event(pool_a, before));
  const auto results = append_all(store.other(), {samples::records(pool_a, before, 1)});
  CHECK(results.at(0).what == kind::conflict);
  CHECK(results.at(0).head == head);
  CHECK(value_of(store.one().head(pool_a)) == head);
}

TEST_CASE("an append that expects more than there is, is a conflict") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto results = append_all(store.one(), {samples::records(pool_a, {4, 0}, 1)});
  CHECK(results.at(0).what == kind::conflict);
  CHECK(results.at(0).head == log_position{});
  CHECK(value_of(store.other().list_pools()).empty());
}

TEST_CASE("the requests of one batch for one pool follow each other") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto results =
      append_all(store.one(), {samples::records(pool_a, {}, 2), samples::host_event(pool_a, {2, 0}),
                               samples::records(pool_a, {2, 1}, 1)});
  REQUIRE(results.size() == 3);
  CHECK(results[0].head == log_position{2, 0});
  CHECK(results[1].head == log_position{2, 1});
  CHECK(results[2].head == log_position{3, 1});
  CHECK(whole_log(store.other(), pool_a).size() == 4);
}

TEST_CASE("one conflict in a batch does not keep the rest out") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto results = append_all(
      store.one(), {samples::records(pool_a, {}, 2), samples::records(pool_a, {1, 0}, 1),
                    samples::records(pool_b, {}, 1), samples::records(pool_a, {2, 0}, 1)});
  REQUIRE(results.size() == 4);
  CHECK(results[0].what == kind::appended);
  CHECK(results[1].what == kind::conflict);
  CHECK(results[1].head == log_position{2, 0});
  CHECK(results[2].what == kind::appended);
  CHECK(results[3].what == kind::appended);
  CHECK(value_of(store.other().head(pool_a)) == log_position{3, 0});
  CHECK(value_of(store.other().head(pool_b)) == log_position{1, 0});
}

TEST_CASE("a request that is no continuation of what it expects is refused and nothing is kept") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  auto skips = samples::records(pool_b, {}, 1);
  skips.entries.push_back(samples::record(pool_b, 3, samples::created()));
  auto foreign = samples::records(pool_b, {}, 1);
  foreign.pool_id = pool_a;
  const core::append_request misplaced{pool_b, {}, {samples::host(1, 9)}, {}};
  const core::append_request missing{pool_b, {}, {nullptr}, {}};
  for (const auto& wrong : {skips, foreign, misplaced, missing}) {
    const std::vector<core::append_request> batch{samples::records(pool_a, {}, 1), wrong};
    const auto results = store.one().append(batch);
    REQUIRE_FALSE(results.ok());
    CHECK(results.error().retry == core::retry_classification::repair_needed);
  }
  CHECK(value_of(store.other().list_pools()).empty());
}

TEST_CASE("an empty batch is answered with nothing") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  CHECK(append_all(store.one(), {}).empty());
}

TEST_CASE("pools are listed by id, each once") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  for (const char* name : {"pool.m", "pool.a", "pool.z", "pool.é", "pool.B"})
    append(store.one(), samples::records(core::pool_id{name}, {}, 3));
  auto expected =
      pool_ids{core::pool_id{"pool.m"}, core::pool_id{"pool.a"}, core::pool_id{"pool.z"},
               core::pool_id{"pool.é"}, core::pool_id{"pool.B"}};
  std::ranges::sort(expected);
  CHECK(value_of(store.other().list_pools()) == expected);
}

TEST_CASE("the logs of two pools do not mix") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append_all(store.one(), {samples::records(pool_a, {}, 2), samples::records(pool_b, {}, 3)});
  append(store.other(), samples::host_event(pool_a, {2, 0}));
  CHECK(whole_log(store.one(), pool_a).size() == 3);
  CHECK(whole_log(store.one(), pool_b).size() == 3);
}

TEST_CASE("records are fetched by sequence, in the order asked for") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto request = one_of_each(pool_a);
  append(store.one(), request);
  const std::vector<std::uint64_t> wanted{7, 1, 7};
  const auto entries = value_of(store.other().fetch(pool_a, wanted));
  CHECK(sequences_of(entries) == wanted);
  CHECK(entries.at(0)->triggered_by.has_value());
  CHECK(value_of(store.other().fetch(pool_a, {})).empty());
}

TEST_CASE("fetching a record that is not there names the pool and the sequence") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append(store.one(), samples::records(pool_a, {}, 2));
  const std::uint64_t missing = GENERATE(0U, 3U, 99U);
  const auto entries = store.other().fetch(pool_a, {&missing, 1});
  REQUIRE_FALSE(entries.ok());
  CHECK(entries.error().kind == core::agent_error_kind::recovery_repair_needed);
  CHECK(entries.error().message.find("pool.a") != std::string::npos);
  if (missing == 0) return;
  CHECK(entries.error().message.find(std::to_string(missing)) != std::string::npos);
}

TEST_CASE("an acknowledged position moves forward only") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append(store.one(), samples::acks(pool_a, {samples::ack("run.a", 5)}));
  append(store.other(), samples::acks(pool_a, {samples::ack("run.a", 3)}));
  CHECK(all_acks(store.one(), pool_a).acks == std::vector{samples::ack("run.a", 5)});
  append(store.other(), samples::acks(pool_a, {samples::ack("run.a", 6)}));
  CHECK(all_acks(store.one(), pool_a).acks == std::vector{samples::ack("run.a", 6)});
}

TEST_CASE("acknowledgements fit any position and come with the entries of their request") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  auto request = samples::records(pool_a, {}, 2);
  request.acks = {samples::ack("run.a", 1), samples::ack("run.b", 2)};
  CHECK(append(store.one(), request) == log_position{2, 0});
  auto alone = samples::acks(pool_a, {samples::ack("run.c", 1)});
  alone.expected = {77, 7};
  CHECK(append(store.other(), alone) == log_position{2, 0});
  CHECK(all_acks(store.one(), pool_a).acks.size() == 3);
}

TEST_CASE("acknowledgements are read from a mark on, the oldest change first") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append(store.one(), samples::acks(pool_a, {samples::ack("run.a", 1), samples::ack("run.b", 1)}));
  append(store.one(), samples::acks(pool_b, {samples::ack("run.x", 1)}));
  const auto first = all_acks(store.other(), pool_a);
  CHECK(first.acks == std::vector{samples::ack("run.a", 1), samples::ack("run.b", 1)});
  append(store.one(), samples::acks(pool_a, {samples::ack("run.c", 4), samples::ack("run.a", 2)}));
  append(store.one(), samples::acks(pool_a, {samples::ack("run.b", 1)}));
  const auto later = all_acks(store.other(), pool_a, first.mark, 1);
  CHECK(later.acks == std::vector{samples::ack("run.c", 4), samples::ack("run.a", 2)});
  CHECK(all_acks(store.other(), pool_a, later.mark).acks.empty());
  CHECK(all_acks(store.other(), pool_a).acks ==
        std::vector{samples::ack("run.b", 1), samples::ack("run.c", 4), samples::ack("run.a", 2)});
}

TEST_CASE("a store tells of the pools that another handle changed, once, and not of its own") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append(store.one(), samples::records(pool_a, {}, 1));
  CHECK(value_of(store.one().changed_pools()).empty());
  if (!store.has_two()) return;
  CHECK(awaited_changes(store.other()) == pool_ids{pool_a});
  CHECK(value_of(store.other().changed_pools()).empty());
  append(store.other(), samples::records(pool_a, {1, 0}, 1));
  append(store.other(), samples::records(pool_b, {}, 1));
  CHECK(awaited_changes(store.one(), 2) == pool_ids{pool_a, pool_b});
  CHECK(value_of(store.other().changed_pools()).empty());
}

TEST_CASE("a store tells of host events and acknowledgements of another handle") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  append(store.one(), samples::records(pool_a, {}, 1));
  CHECK(awaited_changes(store.other()) == pool_ids{pool_a});
  append(store.one(), samples::host_event(pool_a, {1, 0}));
  CHECK(awaited_changes(store.other()) == pool_ids{pool_a});
  append(store.one(), samples::acks(pool_a, {samples::ack("run.a", 1)}));
  CHECK(awaited_changes(store.other()) == pool_ids{pool_a});
  append(store.one(), samples::acks(pool_a, {samples::ack("run.a", 2)}));
  CHECK(awaited_changes(store.other()) == pool_ids{pool_a});
}

TEST_CASE("a change is told of although an append of this handle came between") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  append(store.one(), samples::records(pool_a, {}, 1));
  append(store.other(), samples::records(pool_b, {}, 1));
  append(store.one(), samples::records(pool_a, {1, 0}, 1));
  append(store.other(), samples::records(pool_b, {1, 0}, 1));
  CHECK(awaited_changes(store.other()) == pool_ids{pool_a});
  CHECK(awaited_changes(store.one()) == pool_ids{pool_b});
}

TEST_CASE("a conflict is no change to tell of") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  append(store.one(), samples::records(pool_a, {}, 1));
  append_all(store.other(), {samples::records(pool_a, {}, 1)});
  CHECK(value_of(store.one().changed_pools()).empty());
}

}  // namespace agentpool::stores
