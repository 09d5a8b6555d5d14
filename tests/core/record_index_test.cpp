#include "core/record_index.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "catch.hpp"

namespace core = agentpool::core;
using core::record_index;

namespace {

std::vector<std::uint64_t> with_id(const record_index& index, std::uint64_t hash) {
  std::vector<std::uint64_t> found;
  index.with_id(hash, found);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::uint64_t> with_key(const record_index& index, std::uint64_t hash) {
  std::vector<std::uint64_t> found;
  index.with_key(hash, found);
  std::sort(found.begin(), found.end());
  return found;
}

using sequences = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the hash of a name is the same in every version and on every machine") {
  CHECK(core::stable_hash("") == 0x2D06800538D394C2U);
  CHECK(core::stable_hash("message.1") != core::stable_hash("message.2"));
}

TEST_CASE("names that share a hash are all found, and only both hashes together name one") {
  record_index index;
  index.add({{1, 10}, 100, 0});
  index.add({{1, 11}, 101, 0});
  index.add({{2, 10}, 102, 0});
  CHECK(with_id(index, 1) == sequences{100, 101});
  CHECK(with_key(index, 10) == sequences{100, 102});
  CHECK(with_id(index, 3).empty());
  CHECK(index.find({1, 11}) == 1U);
  CHECK_FALSE(index.find({2, 11}));
}

TEST_CASE("what is dropped is found no more, what shared its hash still is") {
  record_index index;
  index.add({{1, 10}, 100, 0});
  index.add({{1, 10}, 101, 0});
  index.add({{2, 10}, 102, 0});
  index.drop_last();
  CHECK(with_key(index, 10) == sequences{100, 101});
  index.drop_last();
  CHECK(with_id(index, 1) == sequences{100});
  index.drop_last();
  CHECK(with_id(index, 1).empty());
  CHECK(index.end() == 0);
}

TEST_CASE("moving on changes the sequence and the status and nothing else") {
  record_index index;
  index.add({{1, 10}, 100, 1});
  index.move(0, core::index_slot::sequence_max, 7);
  CHECK(index.at(0).sequence() == core::index_slot::sequence_max);
  CHECK(index.at(0).status() == 7);
  CHECK(index.at(0).names() == core::name_hashes{1, 10});
}

TEST_CASE("what was added or moved on since it was kept elsewhere is known") {
  record_index index;
  index.add({{1, 10}, 100, 0});
  index.move(0, 101, 0);
  CHECK(index.kept() == 0);
  CHECK(index.moved().empty());
  index.note_kept();
  index.add({{2, 20}, 102, 0});
  index.move(0, 103, 0);
  index.move(1, 104, 0);
  CHECK(index.kept() == 1);
  CHECK(index.moved() == std::vector<record_index::place>{0});
}

TEST_CASE("what was loaded is found as if it had been added one by one") {
  CHECK(rc::check("loading and adding", [] {
    const auto near = rc::gen::inRange<std::uint64_t>(0, 8);
    const auto far = rc::gen::map(near, [](std::uint64_t hash) { return hash << 61U; });
    const auto hashes = *rc::gen::container<std::vector<std::pair<std::uint64_t, std::uint64_t>>>(
        rc::gen::pair(rc::gen::oneOf(near, far), rc::gen::oneOf(near, far)));
    const auto dropped = *rc::gen::inRange<std::uint64_t>(0, hashes.size() + 1);
    record_index added;
    record_index loaded;
    loaded.load(hashes.size());
    std::uint64_t sequence = 0;
    for (const auto& [id, key] : hashes) {
      added.add({{id, key}, ++sequence, 0});
      loaded.add({{id, key}, sequence, 0});
    }
    added.drop_until(dropped);
    loaded.drop_until(dropped);
    loaded.loaded();
    RC_ASSERT(loaded.kept() == added.end());
    added.drop_until(dropped + 1);
    loaded.drop_until(dropped + 1);
    for (const auto& [id, key] : hashes) {
      RC_ASSERT(with_id(loaded, id) == with_id(added, id));
      RC_ASSERT(with_key(loaded, key) == with_key(added, key));
      RC_ASSERT(loaded.find({id, key}) == added.find({id, key}));
    }
  }));
}

TEST_CASE("an index answers as a plain list does") {
  CHECK(rc::check("adding, dropping and finding", [] {
    record_index index;
    std::vector<core::index_slot> plain;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30));
    std::uint64_t sequence = 0;
    for (const int step : steps) {
      if (step >= 25 && !plain.empty()) {
        index.drop_last();
        plain.pop_back();
        continue;
      }
      const auto id = static_cast<std::uint64_t>(step % 5);
      const auto key = static_cast<std::uint64_t>(step / 5);
      plain.emplace_back(core::name_hashes{id, key}, ++sequence, 0);
      index.add(plain.back());
    }
    for (std::uint64_t hash = 0; hash < 6; ++hash) {
      sequences ids;
      sequences keys;
      for (const auto& slot : plain) {
        if (slot.names().id == hash) ids.push_back(slot.sequence());
        if (slot.names().key == hash) keys.push_back(slot.sequence());
      }
      RC_ASSERT(with_id(index, hash) == ids);
      RC_ASSERT(with_key(index, hash) == keys);
    }
  }));
}
