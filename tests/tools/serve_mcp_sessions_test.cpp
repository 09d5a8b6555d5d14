// Which session goes when there are too many.
#include "support/catch.hpp"
#include "tools/serve/mcp_sessions.hpp"

namespace {

using namespace agentpool;

/// A stream that nobody reads.
class open_stream : public tools::http_stream {
 public:
  void write(std::string, std::function<void(bool)>) override {}
  void end(std::string) override {}
  [[nodiscard]] bool gone() const override { return false; }
};

/// How a test names sessions: begun by an owner, found or not.
struct session_world {
  explicit session_world(tools::session_bounds bounds) : all{bounds} {}

  std::shared_ptr<tools::mcp_session> begun(const std::string& owner) {
    return all.begin(owner).value();
  }
  bool lives(const std::shared_ptr<tools::mcp_session>& session) {
    return all.find(session->id, session->owner) != nullptr;
  }
  tools::mcp_sessions all;
};

}  // namespace

TEST_CASE("an owner that begins too many sessions loses its own, and nobody else's") {
  session_world world{{.all_max = 100, .each_max = 3}};
  const auto others = world.begun("eve");
  const auto first = world.begun("ada");
  const auto second = world.begun("ada");
  const auto third = world.begun("ada");
  CHECK(world.lives(first));  // which uses it
  const auto fourth = world.begun("ada");
  CHECK_FALSE(world.lives(second));
  for (int i = 0; i < 10; ++i) static_cast<void>(world.begun("ada"));
  CHECK_FALSE(world.lives(first));
  CHECK(world.lives(others));
}

TEST_CASE("when there are too many sessions in all, who has most of them loses one") {
  session_world world{{.all_max = 4, .each_max = 3}};
  const auto eves = world.begun("eve");
  const auto first = world.begun("ada");
  const auto second = world.begun("ada");
  const auto third = world.begun("ada");
  const auto bobs = world.begun("bob");
  CHECK(world.lives(eves));
  CHECK_FALSE(world.lives(first));
  CHECK(world.lives(second));
  CHECK(world.lives(bobs));
}

TEST_CASE("a session with an open stream or a call under way is never the one to go") {
  session_world world{{.all_max = 100, .each_max = 3}};
  const auto listening = world.begun("ada");
  const auto feed = std::make_shared<tools::line_feed>(std::make_shared<open_stream>());
  REQUIRE(world.all.listen(listening, feed));
  const auto calling = world.begun("ada");
  const auto begun = calling->connection->begin("1");
  REQUIRE(begun);
  const auto idle = world.begun("ada");
  const auto next = world.begun("ada");
  CHECK(world.lives(listening));
  CHECK(world.lives(calling));
  CHECK_FALSE(world.lives(idle));
  REQUIRE(next->connection->begin("1"));
  CHECK_FALSE(world.all.begin("ada").ok());
  CHECK(calling->connection->finish("1", begun));
  CHECK(world.all.begin("ada").ok());
  CHECK_FALSE(world.lives(calling));
}
