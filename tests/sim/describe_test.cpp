#include <caf/mailbox_element.hpp>
#include <string>
#include <vector>

#include "agentpool/messages/protocol.hpp"
#include "agentpool/sim/trace.hpp"
#include "agentpool/sim/trace_golden.hpp"
#include "agentpool/sim/trace_match.hpp"
#include "agentpool/sim/trace_why.hpp"
#include "catch.hpp"
#include "sim/trace_text.hpp"

using namespace agentpool;

namespace {

/// The line of a hand-over of messages m.1, m.2, … to run.b.
std::string handed(std::size_t count, std::uint64_t step) {
  messages::entries_handed what;
  for (std::size_t i = 1; i <= count; ++i) {
    core::inbox_entry entry;
    entry.sequence = 10 + i;
    entry.message.message_id = core::message_id{"m." + std::to_string(i)};
    what.entries.push_back(std::move(entry));
  }
  const auto element = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, what);
  std::string ids;
  const auto name = sim::describe(*element, ids);
  std::string text;
  sim::append_line(text, {5, step, "\"pool:pool.a\"", "\"run:run.b\"", name, 0, ids});
  return text + "\n";
}

sim::trace read(const std::string& text) { return sim::read_trace(text, "t").value(); }

}  // namespace

TEST_CASE("a hand-over names its messages, and beyond 64 how many they were") {
  CHECK(handed(0, 1) == R"({"at":5,"step":1,"from":"pool:pool.a","to":"run:run.b")"
                        R"(,"name":"entries_handed"})"
                        "\n");
  CHECK(read(handed(1, 1)).lines()[0].values("message") == std::vector<std::string>{"m.1"});
  CHECK(handed(1, 1).find(R"("ids":{"sequence":11,"message":"m.1"})") != std::string::npos);
  CHECK(handed(2, 1).find(R"("ids":{"sequence":11,"message":["m.1","m.2"],"entries":2})") !=
        std::string::npos);
  const auto many = read(handed(70, 1));
  const auto& line = many.lines()[0];
  CHECK(line.values("message").size() == 64);
  CHECK(line.values("message").back() == "m.64");
  CHECK(line.values("entries") == std::vector<std::string>{"70"});
}

TEST_CASE("each message of a hand-over is found: by filters, matchers, golden text and why") {
  const std::string sent =
      R"({"at":1,"step":1,"from":"world","to":"pool:pool.a","name":"pool_asked",)"
      R"("ids":{"ask":"send_message","message":"m.2","run":"run.a"}})"
      "\n";
  const auto what = read(sent + handed(3, 2));
  CHECK(sim::filtered(what, {.message = "m.3"}).size() == 1);
  CHECK(sim::filtered(what, {.message = "m.4"}).size() == 0);
  CHECK(sim::exactly(what, 1, "entries_handed where message=m.2"));
  CHECK(sim::followed_by(what, "send_message where message=$m", "entries_handed where message=$m"));
  CHECK(sim::normalised(what).find("message#2,message#1,message#3") != std::string::npos);
  CHECK(sim::to_table(what).find("message=m.1,m.2,m.3 entries=3") != std::string::npos);
  const auto story = sim::why(what, "message:m.2");
  REQUIRE(story);
  CHECK(story->waits.empty());
  CHECK(story->steps.front().line == 1);
  // One of a hand-over that does not name all may have been handed over.
  const auto open = sim::why(read(sent), "message:m.2");
  REQUIRE(open);
  CHECK(open->waits.size() == 1);
}
