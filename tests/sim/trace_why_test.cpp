#include "agentpool/sim/trace_why.hpp"

#include "support/catch.hpp"
#include "trace_kit.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

std::string told(const sim::trace& what, const std::string& asked) {
  const auto story = sim::why(what, asked);
  return story ? sim::to_text(*story, what, 100) : "error: " + story.error().message;
}

}  // namespace

TEST_CASE("a message's story goes through the commit it shared with others") {
  CHECK(told(read(small_trace), "m.1") ==
        "message m.1, from the last message back:\n"
        "#8 0.002020 pool:pool.a -> run:run.b entries_handed run=run.b message=m.1\n"
        "  sent by pool:pool.a at\n"
        "#7 0.002010 store -> pool:pool.a records_appended number=2\n"
        "  sent by store at #5 0.000010 store -> store flush_appends; it knew of this since\n"
        "#4 0.000010 pool:pool.a -> store append_records message=m.1 pool=pool.a number=2\n"
        "  sent by pool:pool.a at\n"
        "#2 0.000000 client:1 -> pool:pool.a send_message run=run.a message=m.1 pool=pool.a\n"
        "it waits for nothing that this trace tells of\n");
}

TEST_CASE("a wake that has not fired and an append without answer are what is waited for") {
  const auto text = told(read(small_trace), "w.1");
  CHECK(text.ends_with(
      "waits:\n"
      "  wake w.1 has not fired since #10 0.005020 run:run.b -> pool:pool.a suspend_until "
      "run=run.b wake=w.1 pool=pool.a\n"
      "  pool:pool.a has no answer of the store to #11 0.005020 pool:pool.a -> store "
      "append_records wake=w.1 pool=pool.a number=3\n"));
  CHECK(told(read(small_trace), "run.b").find("wake w.1 has not fired") != std::string::npos);
}

TEST_CASE("a wake that fired is not waited for") {
  auto lines = read(small_trace).lines();
  auto fired = line(12, "pool:pool.a", "run:run.b", "wake_handed");
  fired.ids = {fact("wake", {"w.1"})};
  lines.push_back(fired);
  CHECK(told(sim::trace::of(lines).value(), "w.1").find("has not fired") == std::string::npos);
}

TEST_CASE("what the trace does not name is an error, and so is an id of two kinds") {
  CHECK(told(read(small_trace), "m.2") ==
        "error: no run, message or wake m.2 is named in this trace");
  auto both = line(1, "client:1", "pool:p", "send_message");
  both.ids = {fact("run", {"x"}), fact("message", {"x"})};
  const auto what = sim::trace::of({both}).value();
  CHECK(told(what, "x") == "error: say which one is meant: run:x or message:x");
  CHECK(told(what, "message:x").starts_with("message x, from the last message back:\n"));
}
