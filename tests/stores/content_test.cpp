// What every store promises of the contents beside its logs, over each of them.
#include <map>
#include <set>
#include <thread>

#include "backends.hpp"
#include "catch.hpp"
#include "content_kit.hpp"

namespace agentpool::stores {
namespace {

using contents::get;
using contents::put;
using contents::put_all;
using core::content_kept;

std::vector<std::string> odd_bodies() {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  return {"",         "plain",          std::string(1, '\0'), std::string("a\0b", 3),
          "\xff\xfe", "\xed\xa0\x80 é", every_byte,           std::string(1U << 20U, '\x80')};
}

}  // namespace

TEST_CASE("a content that nobody kept is not there, and no content adds nothing") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  CHECK_FALSE(get(store.one(), core::content_name("a")));
  CHECK_FALSE(get(store.one(), core::content_name("")));
  CHECK(put_all(store.one(), {}) == content_kept{0, 0});
}

TEST_CASE("any bytes are kept and read back as they were by every handle") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  std::uint64_t total = 0;
  for (const auto& body : odd_bodies()) {
    CHECK(put(store.one(), body) == content_kept{1, total += body.size()});
    CHECK(get(store.other(), core::content_name(body)) == body);
  }
  for (const auto& body : odd_bodies()) CHECK(get(store.one(), core::content_name(body)) == body);
}

TEST_CASE("the same bytes again are no second copy, whoever brings them") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  CHECK(put(store.one(), "abc") == content_kept{1, 3});
  CHECK(put(store.other(), "abc") == content_kept{0, 3});
  CHECK(put_all(store.other(), {"de", "abc", "de", "", "", "de"}) == content_kept{2, 5});
  CHECK(put_all(store.one(), {"", "de", "abc"}) == content_kept{0, 5});
  for (const auto* body : {"abc", "de", ""})
    CHECK(get(store.one(), core::content_name(body)) == body);
}

TEST_CASE("a content that is too large is refused, and those beside it are not kept") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const std::string large((1U << 20U) + 1, 'x');
  const auto refused = store.one().put_content(contents::made({"abc", large}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().retry == core::retry_classification::repair_needed);
  CHECK(refused.error().message.find("1048576 bytes (item_bytes_max), not 1048577") !=
        std::string::npos);
  CHECK_FALSE(get(store.other(), core::content_name("abc")));
  CHECK_FALSE(get(store.other(), core::content_name(large)));
  CHECK(put_all(store.one(), {}) == content_kept{0, 0});
}

TEST_CASE("a store keeps contents up to its total: what goes beyond leaves no trace") {
  fresh_store store{GENERATE(from_range(every_backend())), {.total_bytes_max = 10}};
  CHECK(put(store.one(), "0123456") == content_kept{1, 7});
  const auto refused = store.other().put_content(contents::made({"ab", "cd"}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().retry == core::retry_classification::retryable);
  CHECK(refused.error().message.find("total_bytes_max 10") != std::string::npos);
  CHECK_FALSE(get(store.one(), core::content_name("ab")));
  CHECK_FALSE(get(store.one(), core::content_name("cd")));
  CHECK(put_all(store.other(), {"ab", "0123456", "c"}) == content_kept{2, 10});
  CHECK(put_all(store.one(), {"ab", ""}) == content_kept{1, 10});
  CHECK_FALSE(store.one().put_content(contents::made({"d"})).ok());
  CHECK(get(store.one(), core::content_name("c")) == "c");
}

TEST_CASE("a name of another form is refused and says what a name is like") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const auto refused = store.one().get_content(core::content_ref{"content.reply"});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().retry == core::retry_classification::repair_needed);
  CHECK(refused.error().message.find("content.sha256. and 64") != std::string::npos);
}

TEST_CASE("contents are no part of any log") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  const core::pool_id pool{"pool.a"};
  append(store.one(), samples::records(pool, {}, 2));
  awaited_changes(store.other(), store.has_two() ? 1 : 0);
  put(store.one(), "abc");
  CHECK(value_of(store.other().changed_pools()).empty());
  CHECK(value_of(store.other().list_pools()) == std::vector{pool});
  CHECK(append(store.other(), samples::records(pool, {2, 0}, 1)) == core::log_position{3, 0});
  CHECK(get(store.other(), core::content_name("abc")) == "abc");
}

TEST_CASE("two handles that keep the same contents at once keep each once and count it once") {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  constexpr int bodies = 120;
  const auto body = [](int i) {
    return std::string(static_cast<std::size_t>(i % 7), 'x') + std::to_string(i);
  };
  std::size_t others = 0;
  std::thread other{[&] {
    for (int i = bodies; i-- > 0;) others += put_all(store.other(), {body(i), body(i / 2)}).added;
  }};
  std::size_t mine = 0;
  for (int i = 0; i < bodies; ++i) mine += put_all(store.one(), {body(i), body(i / 2)}).added;
  other.join();
  std::uint64_t total = 0;
  for (int i = 0; i < bodies; ++i) {
    CHECK(get(store.one(), core::content_name(body(i))) == body(i));
    total += body(i).size();
  }
  CHECK(mine + others == bodies);
  CHECK(put_all(store.one(), {}).total_bytes == total);
}

TEST_CASE("two handles at once never keep more than the total") {
  fresh_store store{GENERATE(from_range(backends_with_two())), {.total_bytes_max = 60}};
  const auto fill = [](core::store_backend& handle, char first) {
    std::size_t kept = 0;
    for (char c = first; c < first + 20; ++c)
      if (const auto done = handle.put_content(contents::made({std::string(3, c)})))
        kept += done->added;
    return kept;
  };
  std::size_t others = 0;
  std::thread other{[&] { others = fill(store.other(), 'A'); }};
  const auto mine = fill(store.one(), 'a');
  other.join();
  CHECK(mine + others == 20);
  CHECK(put_all(store.one(), {}) == content_kept{0, 60});
}

TEST_CASE("a store backend of one's own that keeps no contents says so") {
  struct without final : core::store_backend {
    core::outcome<std::vector<core::pool_id>> list_pools() override { return kept.list_pools(); }
    core::outcome<core::log_position> head(const core::pool_id& pool) override {
      return kept.head(pool);
    }
    core::outcome<core::log_page> read(const core::pool_id& pool, core::log_position after,
                                       std::size_t entries_max) override {
      return kept.read(pool, after, entries_max);
    }
    core::outcome<std::vector<core::entry_ptr>> fetch(
        const core::pool_id& pool, std::span<const std::uint64_t> sequences) override {
      return kept.fetch(pool, sequences);
    }
    core::outcome<core::ack_page> read_acks(const core::pool_id& pool, std::uint64_t mark,
                                            std::size_t acks_max) override {
      return kept.read_acks(pool, mark, acks_max);
    }
    core::outcome<std::vector<core::append_result>> append(
        std::span<const core::append_request> requests) override {
      return kept.append(requests);
    }
    core::outcome<std::vector<core::pool_id>> changed_pools() override {
      return kept.changed_pools();
    }
    memory_store kept;
  } store;
  constexpr auto needs = core::retry_classification::host_configuration_needed;
  CHECK(store.put_content(contents::made({"abc"})).error().retry == needs);
  CHECK(store.get_content(core::content_name("abc")).error().retry == needs);
}

}  // namespace agentpool::stores
