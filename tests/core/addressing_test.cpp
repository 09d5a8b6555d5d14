#include "agentpool/core/addressing.hpp"

#include <cstdint>
#include <limits>

#include "agentpool/core/json.hpp"
#include "agentpool/core/time.hpp"
#include "catch.hpp"
#include "support/generators.hpp"

namespace core = agentpool::core;

TEST_CASE("a journal cursor tells its number") {
  CHECK(core::journal_cursor_at(7).text() == "journal.7");
  for (const std::uint64_t seq : {std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()})
    CHECK(core::journal_seq_of(core::journal_cursor_at(seq)) == seq);
}

TEST_CASE("a cursor of another form has no journal number") {
  for (const auto* text : {"journal.", "journal.0", "journal.x", "journal.7x", "journal.-7",
                           "journal.+7", "journal. 7", "journal.07", "journal.18446744073709551616",
                           "Journal.7", "7", "x.journal.7"})
    CHECK(core::journal_seq_of(core::journal_cursor{text}) == 0);
}

TEST_CASE("an address names its destination and the one related entity") {
  CHECK(core::to_json(core::address_of(core::to_topic{core::topic_id{"news"}})) ==
        R"({"target":{"type":"topic","topic_id":"news"},)"
        R"("destination_ref":{"kind":"topic","id":"news","privacy":"content_refs_only",)"
        R"("retention":"host_policy"},)"
        R"("related_refs":[{"kind":"topic","id":"news","privacy":"content_refs_only"}]})");
  const auto kind_to = [](const core::run_address_target& target) {
    const auto address = core::address_of(target);
    return std::string{core::to_text(address.destination_ref.kind)} + '/' +
           std::string{core::to_text(address.related_refs.at(0).kind)};
  };
  CHECK(kind_to(core::to_run{core::run_id{"r"}}) == "agent/run");
  CHECK(kind_to(core::to_agent{core::agent_id{"a"}}) == "agent/agent");
  CHECK(kind_to(core::to_pool{core::pool_id{"p"}}) == "agent_pool/agent_pool");
}

TEST_CASE("times are RFC 3339 in UTC with milliseconds") {
  CHECK(core::rfc3339(0) == "1970-01-01T00:00:00.000Z");
  CHECK(core::rfc3339(1) == "1970-01-01T00:00:00.001Z");
  CHECK(core::rfc3339(1'769'846'709'042) == "2026-01-31T08:05:09.042Z");
  CHECK(core::rfc3339(951'782'400'000) == "2000-02-29T00:00:00.000Z");
  CHECK(core::rfc3339(4'107'542'399'999) == "2100-02-28T23:59:59.999Z");
  CHECK(core::rfc3339(4'107'542'400'000) == "2100-03-01T00:00:00.000Z");
}

TEST_CASE("a time past the year 9999 is its last millisecond") {
  CHECK(core::rfc3339(253'402'300'799'999) == "9999-12-31T23:59:59.999Z");
  CHECK(core::rfc3339(253'402'300'800'000) == "9999-12-31T23:59:59.999Z");
  CHECK(core::rfc3339(std::numeric_limits<std::uint64_t>::max()) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("earlier times are smaller texts") {
  CHECK(rc::check("rfc3339 keeps order", [] {
    const auto a = *rc::gen::inRange<std::uint64_t>(0, 253'402'300'800'000);
    const auto b = *rc::gen::inRange<std::uint64_t>(0, 253'402'300'800'000);
    RC_ASSERT((a < b) == (core::rfc3339(a) < core::rfc3339(b)));
    RC_ASSERT(core::rfc3339(a).size() == 24U);
  }));
}
