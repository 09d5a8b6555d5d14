// A store that fails as it is told does so to the registry, too.
#include "sim/fault_store.hpp"

#include <memory>
#include <vector>

#include "catch.hpp"

namespace agentpool::sim {
namespace {

/// Tells what is to go wrong next.
struct told_master final : store_master {
  append_fate next = append_fate::kept;
  bool reads_fail = false;
  bool died = false;

  bool dead() const override { return died; }
  append_fate on_append(std::span<const core::append_request>) override { return next; }
  void on_appended(const core::append_request&) override {}
  void on_died() override { died = true; }
  void on_checkpoint(const core::checkpoint_request&, bool) override {}
  bool read_fails() override { return reads_fail; }
  append_fate on_registry() override { return next; }
};

struct faulty {
  std::shared_ptr<told_master> master = std::make_shared<told_master>();
  std::shared_ptr<stores::memory_log> log = std::make_shared<stores::memory_log>();
  fault_store store{master, log, false};
  stores::memory_store beside{log};

  [[nodiscard]] auto make(const std::string& key) {
    const std::vector<core::registry_write> writes{{"lease", key, "value", 0}};
    return store.write_registry(writes);
  }
  [[nodiscard]] std::size_t kept() { return beside.read_registry({"lease"})->size(); }
};

}  // namespace

TEST_CASE("a write to the registry that is to fail is an error and writes nothing") {
  faulty made;
  made.master->next = append_fate::refused;
  CHECK_FALSE(made.make("a").ok());
  CHECK(made.kept() == 0);
  made.master->next = append_fate::kept;
  CHECK(made.make("a")->at(0));
  CHECK(made.store.read_registry({"lease"})->size() == 1);
}

TEST_CASE("a write to the registry whose answer is lost was made") {
  faulty made;
  made.master->next = append_fate::answer_lost;
  CHECK_FALSE(made.make("a").ok());
  CHECK(made.kept() == 1);
  made.master->next = append_fate::kept;
  CHECK_FALSE(made.make("a")->at(0));
}

TEST_CASE("an engine that dies at a write to the registry leaves it or not, and writes no more") {
  faulty made;
  const bool durable = GENERATE(true, false);
  made.master->next = durable ? append_fate::dies_after : append_fate::dies_before;
  CHECK_FALSE(made.make("a").ok());
  CHECK(made.kept() == (durable ? 1 : 0));
  made.master->next = append_fate::kept;
  CHECK_FALSE(made.make("b").ok());
  CHECK_FALSE(made.store.read_registry({"lease"}).ok());
  CHECK(made.kept() == (durable ? 1 : 0));
}

TEST_CASE("a reading of the registry fails when readings are to fail") {
  faulty made;
  made.master->reads_fail = true;
  CHECK_FALSE(made.store.read_registry({"lease"}).ok());
}

TEST_CASE(
    "contents fail, lose their answer and end with their engine as writes to the registry do") {
  faulty made;
  const core::content items[] = {core::content{"abc"}};
  const auto has_it = [&] { return made.beside.get_content(items[0].name())->has_value(); };
  made.master->next = append_fate::refused;
  CHECK_FALSE(made.store.put_content(items).ok());
  CHECK_FALSE(has_it());
  made.master->next = append_fate::answer_lost;
  CHECK_FALSE(made.store.put_content(items).ok());
  CHECK(has_it());
  made.master->next = append_fate::kept;
  CHECK(made.store.put_content(items)->added == 0);
  CHECK(made.store.get_content(items[0].name()).value() == "abc");
  made.master->reads_fail = true;
  CHECK_FALSE(made.store.get_content(items[0].name()).ok());
}

}  // namespace agentpool::sim
