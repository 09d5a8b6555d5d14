#include <rapidcheck.h>

#include <algorithm>

#include "agentpool/sim/trace.hpp"
#include "support/catch.hpp"
#include "trace_kit.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

/// A good line with one field replaced; "" leaves it out.
std::string with(const std::string& name, const std::string& json) {
  std::string out = "{";
  const std::vector<std::pair<std::string, std::string>> fields{{"at", "5"},
                                                                {"step", "7"},
                                                                {"from", R"("client:1")"},
                                                                {"to", R"("store")"},
                                                                {"name", R"("read_log")"},
                                                                {"ids", "{}"},
                                                                {"cause", "null"}};
  for (const auto& [key, value] : fields) {
    const auto& used = key == name ? json : value;
    if (used.empty()) continue;
    if (out.size() > 1) out += ',';
    out.append(1, '"').append(key).append("\":").append(used);
  }
  return out + "}";
}

std::string fault(const std::string& line) {
  const auto read = sim::read_trace("\n" + line + "\n", "dir/a.jsonl");
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("a line that was written reads back equal") {
  CHECK(rc::check([] {
    sim::trace_line line;
    const auto text = [] {
      return "x" + *rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
    };
    line.at = *rc::gen::arbitrary<std::uint64_t>();
    line.step = *rc::gen::inRange<std::uint64_t>(1, 1'000'000);
    line.from = text();
    line.to = text();
    line.message = text();
    for (const auto* name : {"run", "message", "wake"}) {
      sim::trace_fact ids{name, {}, sim::trace_fact::form::list};
      for (int i = *rc::gen::inRange(0, 3); i > 0; --i) ids.values.push_back(text());
      line.ids.push_back(ids);
    }
    if (*rc::gen::arbitrary<bool>())
      line.ids.push_back({"ask", {text()}, sim::trace_fact::form::text});
    if (*rc::gen::arbitrary<bool>())
      line.ids.push_back({"number", {"17"}, sim::trace_fact::form::literal});
    if (*rc::gen::arbitrary<bool>()) line.cause = *rc::gen::inRange<std::uint64_t>(0, line.step);
    if (*rc::gen::arbitrary<bool>()) line.more.push_back({"sent", R"({"a":[1,"b"]})"});
    const auto read = sim::parse_trace_line(sim::to_json(line));
    if (!read) RC_FAIL(read.error().message);
    RC_ASSERT(*read == line);
  }));
}

TEST_CASE("an error names file, line and field") {
  CHECK(fault(with("at", "")) == "dir/a.jsonl:2: at: is missing");
  CHECK(fault(with("step", "-1")).starts_with("dir/a.jsonl:2: step: must be a whole number"));
  CHECK(fault(with("from", "7")) == "dir/a.jsonl:2: from: must be a string, not a number");
  CHECK(fault(with("to", R"("")")) == "dir/a.jsonl:2: to: is empty");
  CHECK(fault(with("name", "")) == "dir/a.jsonl:2: name: is missing");
  CHECK(fault(with("to", "")) == "dir/a.jsonl:2: to: is missing");
  CHECK(fault(with("ids", R"({"run":["a",3]})")) ==
        "dir/a.jsonl:2: ids.run[1]: must be a string, not a number");
  CHECK(fault(with("ids", R"({"run":{}})")) ==
        "dir/a.jsonl:2: ids.run: must be a text, a number or a list of texts, not an object");
  CHECK(fault(R"({"trace":"agentpool","version":2})") ==
        "dir/a.jsonl:2: version: must be 1, the one that this program knows");
  CHECK(fault(with("cause", "7")) == "dir/a.jsonl:2: cause: must be an earlier step than 7, is 7");
  CHECK(fault("[]") == "dir/a.jsonl:2: line: must be an object, not a list");
  CHECK(fault("{\"at\":1").starts_with("dir/a.jsonl:2: not JSON: "));
  CHECK(fault(with("at", "1") + "\n\n" + with("at", "2")) ==
        "dir/a.jsonl:4: step: 7 is that of line 2 already");
}

TEST_CASE("no bytes whatever make the reader do anything but answer") {
  CHECK(rc::check([] {
    auto text = small_trace;
    for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      text[at] = *rc::gen::arbitrary<char>();
    }
    const auto read = sim::read_trace(text, "t");
    if (!read) RC_ASSERT(read.error().message.starts_with("t:"));
  }));
  CHECK(fault(std::string(200'000, '[')).starts_with("dir/a.jsonl:2: not JSON"));
  CHECK(fault(std::string(2'000'000, ' ') + "1").find("is longer than") != std::string::npos);
}

TEST_CASE("lines in any order make the same trace") {
  std::vector<sim::trace_line> lines = read(small_trace).lines();
  std::reverse(lines.begin(), lines.end());
  const auto turned = sim::trace::of(lines).value();
  CHECK(turned.lines() == read(small_trace).lines());
  CHECK(turned.find(8) == 7);
  CHECK(turned.cause(7) == 6);
  CHECK(!turned.find(12));
  CHECK(turned.actors().size() == 5);
  CHECK(turned.place(7) == sim::trace_place{3, 0});
}

TEST_CASE("a trace whose beginning was cut off is read; what lies there causes nothing") {
  const auto cut = read(small_trace.substr(small_trace.find("{\"at\":2010")));
  CHECK(cut.lines().front().cause == 5);
  CHECK(!cut.cause(0));
}

TEST_CASE("a last line that was cut off is left out, and nothing else that is no JSON") {
  CHECK(!read(small_trace).torn_line());
  const auto whole = read(small_trace).lines().size();
  const auto last = small_trace.rfind('{', small_trace.rfind("\"at\""));
  for (auto end = last + 1; end < small_trace.size() - 1; ++end) {
    const auto torn = sim::read_trace(small_trace.substr(0, end), "t");
    REQUIRE(torn);
    CHECK(torn->torn_line() == whole);
    CHECK(torn->size() == whole - 1);
  }
  // All but the newline is there.
  CHECK(read(small_trace.substr(0, small_trace.size() - 1)).size() == whole);
  const std::string heading = R"({"trace":"agentpool","version":1})";
  CHECK(read(heading + "\n{\"at\":1").torn_line() == 2);
  CHECK(!sim::read_trace(heading + "\n{\"at\":1\n", "t"));
  CHECK(!sim::read_trace("{\"at\":1", "t"));
  CHECK(!sim::read_trace(heading + "\n{\"at\":1}", "t"));
}

TEST_CASE("a heading is skipped, and notes belong to the actor whose step it was") {
  const auto what = read(
      R"({"trace":"agentpool","version":1,"seed":7,"start_millis":0}
{"at":0,"step":0,"name":"engine_started","ids":{"engine":0}}
{"at":0,"step":1,"to":"e0/pool:pool.a","name":"made"}
{"at":0,"step":2,"from":"world","to":"e0/pool:pool.a","name":"pool_asked","ids":{"ask":"open_pool"}}
{"at":0,"step":2,"name":"append_refused","cause":2}
)");
  CHECK(what.actors() == std::vector<std::string>{"world", "e0/pool:pool.a"});
  CHECK(what.place(0) == sim::trace_place{0, 0});
  CHECK(what.place(3) == sim::trace_place{1, 2});
  CHECK(what.cause(3) == 2);
  CHECK(what.find(2) == 2);
  CHECK(what.lines()[2].is_called("open_*"));
  CHECK(sim::split_actor("e0.2/run:a/b").id == "a/b");
  CHECK(sim::split_actor("run:a/b").engine.empty());
}

TEST_CASE("filters go by id, by name and by actor") {
  const auto whole = read(small_trace);
  const auto steps = [&](const sim::trace_filter& filter) {
    const auto kept = sim::filtered(whole, filter);
    std::string text;
    for (const auto& line : kept.lines()) text += std::to_string(line.step) + " ";
    return text;
  };
  CHECK(steps({.run = "run.b"}) == "8 10 ");
  CHECK(steps({.message = "m.1"}) == "2 4 8 ");
  CHECK(steps({.wake = "w.1"}) == "10 11 ");
  CHECK(steps({.name = "*append*", .to = "store"}) == "3 4 5 11 ");
  CHECK(steps({.from = "run:*"}) == "10 ");
  CHECK(steps({.pool = "pool.b"}).empty());
  CHECK(steps({.after = 10, .before = 10}) == "10 ");
}

TEST_CASE("the table shows control characters as escapes") {
  auto evil = line(1, "client:1", "pool:\x1b[31mred", "x\xc2\x9by\xff");
  evil.ids = {fact("run", {"a\nb"})};
  const auto table = sim::to_table(sim::trace::of({evil}).value());
  CHECK(table ==
        "step  at        from      to                message         cause  ids\n"
        "1     0.000010  client:1  pool:\\x1b[31mred  x\\xc2\\x9by\\xff  -      run=a\\x0ab\n");
}

TEST_CASE("a star stands for any text") {
  CHECK(sim::is_like("append_records", "append*"));
  CHECK(sim::is_like("append_records", "*p*rec*s"));
  CHECK(sim::is_like("", "*"));
  CHECK(!sim::is_like("append", "append_*"));
  CHECK(!sim::is_like("append", "ppend"));
  CHECK(!sim::is_like(std::string(5'000, 'a'), "*a*a*a*a*a*a*a*b"));
}
