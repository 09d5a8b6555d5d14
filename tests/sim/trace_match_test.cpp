#include "agentpool/sim/trace_match.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "agentpool/sim/trace_golden.hpp"
#include "agentpool/sim/trace_spec.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "trace_kit.hpp"

// After Catch2, of whichever version.
#include "agentpool/sim/trace_catch.hpp"

using namespace agentpool;
using namespace agentpool::tests;
using std::chrono::milliseconds;

namespace {

const sim::trace small = read(small_trace);

/// "ok: REASON" or "no: REASON".
std::string said(const sim::match_result& result) {
  return (result.ok ? "ok: " : "no: ") + result.reason;
}

/// What a specification of one statement says.
std::string judged(const std::string& statement) {
  const auto spec = sim::parse_spec(statement, "s");
  return spec ? said(spec->at(0).holds(small)) : spec.error().message;
}

/// Deletes the environment variable at the end of its scope.
struct updating {
  updating() { setenv("AGENTPOOL_UPDATE_GOLDEN", "1", 1); }
  ~updating() { unsetenv("AGENTPOOL_UPDATE_GOLDEN"); }
};

}  // namespace

TEST_CASE("messages in order are found with others between them") {
  CHECK(said(sim::in_order(small, {"join_run", "flush_appends", "entries_handed"})) ==
        "ok: from step 1 to step 8");
  CHECK(said(sim::in_order(small, {"suspend_until", "flush_appends"})) ==
        "no: no 'flush_appends' after #10 0.005020 run:run.b -> pool:pool.a suspend_until "
        "run=run.b wake=w.1 pool=pool.a");
  CHECK(said(sim::in_order(small, {"nonsense", "join_run"})) == "no: there is no 'nonsense'");
}

TEST_CASE("a variable asks for the same id again") {
  CHECK(sim::in_order(small, {"send_message where message=$m", "append_records where message=$m",
                              "entries_handed where message=$m"}));
  CHECK(said(sim::in_order(small, {"suspend_until where wake=$w", "wake_handed where wake=$w"})) ==
        "no: no 'wake_handed where wake=$w' ($w=w.1) after #10 0.005020 run:run.b -> pool:pool.a "
        "suspend_until run=run.b wake=w.1 pool=pool.a");
  CHECK_THROWS_AS(sim::followed_by(small, "join_run", "x where run=$r"), std::invalid_argument);
}

TEST_CASE("before needs an earlier one for each later one") {
  CHECK(sim::before(small, "append_records", "records_appended"));
  CHECK(said(sim::before(small, "flush_appends", "append_records")) ==
        "no: no 'flush_appends' before #3 0.000010 pool:pool.a -> store append_records "
        "pool=pool.a number=1");
  CHECK(said(sim::before(small, "join_run", "nonsense")) == "no: there is no 'nonsense'");
}

TEST_CASE("counting says which one is too many") {
  CHECK(said(sim::exactly(small, 3, "append_records")) == "ok: 'append_records' 3 times");
  CHECK(said(sim::exactly(small, 1, "append_records where from=pool:*")) ==
        "no: 'append_records where from=pool:*' 3 times, not once: #4 0.000010 pool:pool.a -> "
        "store append_records message=m.1 pool=pool.a number=2");
  CHECK(said(sim::never(small, "*_handed where run=run.b")).starts_with("no: "));
  CHECK(sim::never(small, "*_handed where run!=run.b"));
  CHECK(sim::at_least(small, 2, "records_appended"));
  CHECK(!sim::at_most(small, 1, "records_appended"));
}

TEST_CASE("between means after an opening and before the next closing") {
  CHECK(sim::never_between(small, "join_run", "send_message", "suspend_until"));
  CHECK(said(sim::never_between(small, "flush_appends", "send_message", "suspend_until")) ==
        "no: #5 0.000010 store -> store flush_appends came between #2 0.000000 client:1 -> "
        "pool:pool.a send_message run=run.a message=m.1 pool=pool.a and #10 0.005020 run:run.b -> "
        "pool:pool.a suspend_until run=run.b wake=w.1 pool=pool.a");
  CHECK(sim::never_between(small, "append_records", "suspend_until", "wake_handed"));
}

TEST_CASE("what has to follow in time does, or the reason tells how late it was") {
  CHECK(sim::within(small, milliseconds{3}, "send_message", "entries_handed"));
  CHECK(said(sim::within(small, milliseconds{2}, "send_message", "entries_handed")) ==
        "no: #8 0.002020 pool:pool.a -> run:run.b entries_handed run=run.b message=m.1 came "
        "0.002020 s after #2 0.000000 client:1 -> pool:pool.a send_message run=run.a message=m.1 "
        "pool=pool.a");
  CHECK(sim::within(small, milliseconds{1}, "suspend_until", "wake_handed"));  // not over yet
  CHECK(!sim::within(small, milliseconds{1}, "join_run", "wake_handed"));
  CHECK(!sim::followed_by(small, "suspend_until", "wake_handed"));
  CHECK(said(sim::followed_by(small, "nonsense", "join_run")) == "ok: 'nonsense' never came");
}

TEST_CASE("a specification says the same in words") {
  CHECK(judged("in_order join_run, flush_appends, entries_handed") == "ok: from step 1 to step 8");
  CHECK(judged("exactly 1 send_message where run=run.a and to=pool:*  # a comment") ==
        "ok: 'send_message where run=run.a and to=pool:*' once");
  CHECK(judged("never join_run between send_message where run=run.a and suspend_until") ==
        "ok: held once");
  CHECK(judged("before append_records, records_appended") == "ok: held 2 times");
  CHECK(judged("before append_records records_appended") == "ok: held 2 times");
  CHECK(judged("within 50ms send_message where message=$m -> entries_handed where message=$m") ==
        "ok: held once");
  CHECK(judged("always send_message followed_by \"entries_handed\"") == "ok: held once");
  CHECK(judged("at_least 1 join_run") == "ok: 'join_run' once");
  CHECK(judged("at_most 0 join_run").starts_with("no: "));
  CHECK(judged("never wake_handed") == "ok: 'wake_handed' 0 times");
}

TEST_CASE("an error in a specification names line and column") {
  const auto fault = [](const std::string& text) {
    const auto spec = sim::parse_spec(text, "dir/spec");
    return spec ? "" : spec.error().message;
  };
  CHECK(fault("never x\n\nnevr y\n") ==
        "dir/spec:3:1: in_order, before, exactly, at_least, at_most, never, within or always "
        "should stand here, not 'nevr'");
  CHECK(fault("exactly two x") == "dir/spec:1:9: a whole number should stand here, not 'two'");
  CHECK(fault("exactly 2") ==
        "dir/spec:1:10: the name of a message should stand here, not the end of the line");
  CHECK(fault("in_order a").starts_with("dir/spec:1:11: ',' and another message"));
  CHECK(fault("within 5 a -> b").starts_with("dir/spec:1:8: a time such as 50ms"));
  CHECK(fault("within 5ms a b") == "dir/spec:1:14: '->' should stand here, not 'b'");
  CHECK(fault("never a where =x").starts_with("dir/spec:1:15: from, to or the name of a fact"));
  CHECK(fault("never a where run x") == "dir/spec:1:19: '=' or '!=' should stand here, not 'x'");
  CHECK(fault("never a where run!=$x") == "dir/spec:1:20: a variable goes with '=' only");
  CHECK(fault("never a between b where run=x and") ==
        "dir/spec:1:34: the name of a message should stand here, not the end of the line");
  CHECK(fault("always a followed_by b where run=$r") == "dir/spec:1:22: $r has no value in 'a'");
  CHECK(fault("never \"\xc3\xa4\xc3\xa4\" \"open") == "dir/spec:1:12: the quote is not closed");
  CHECK(fault("never a b") == "dir/spec:1:9: nothing more should stand here, not 'b'");
  CHECK(fault("# nothing\n") == "dir/spec:1:1: there is no statement");
}

TEST_CASE("what a pattern says it reads back as") {
  for (const std::string text :
       {"a", "a* where run=x*", "* where run!=\"a b*\" and to=pool:p", "a where message=$m"})
    CHECK(sim::trace_pattern{text}.text() == text);
  CHECK_THROWS_AS(sim::trace_pattern{"a where"}, std::invalid_argument);
  auto starred = line(1, "a", "b", "c");
  starred.ids = {fact("run", {"x*"})};
  CHECK(sim::trace_pattern{"c where run=\"x*\""}.matches(starred));
  starred.ids = {fact("run", {"xy"})};
  CHECK(!sim::trace_pattern{"c where run=\"x*\""}.matches(starred));
}

TEST_CASE("Catch2 shows why a trace does not match") {
  CHECK_THAT(small, sim::catch2::in_order({"join_run", "entries_handed"}));
  CHECK_THAT(small, sim::catch2::exactly(1, "flush_appends"));
  CHECK_THAT(small, !sim::catch2::never("join_run"));
  const auto matcher = sim::catch2::before("flush_appends", "join_run");
  CHECK(!matcher.match(small));
  CHECK(matcher.toString().find("no 'flush_appends' before #1") != std::string::npos);
}

TEST_CASE("a golden trace has no times, steps and ids of its own") {
  support::temporary_directory folder;
  const auto path = folder.file("small.golden");
  CHECK(sim::golden_file(small, path).reason.find("AGENTPOOL_UPDATE_GOLDEN=1") !=
        std::string::npos);
  {
    const updating now;
    CHECK(sim::golden_file(small, path).ok);
  }
  auto text = small_trace;
  for (std::size_t at = 0; (at = text.find("m.1", at)) != std::string::npos;)
    text.replace(at, 3, "message.other");
  for (std::size_t at = 0; (at = text.find("\"at\":2", at)) != std::string::npos; ++at)
    text.replace(at, 6, "\"at\":3");
  CHECK(said(sim::golden_file(read(text), path)) == "ok: 11 messages as expected");
  CHECK_THAT(small, sim::catch2::golden_file(path));

  auto lines = small.lines();
  lines.back().message = "keep_checkpoint";
  const auto other = sim::golden_file(sim::trace::of(lines).value(), path);
  CHECK(!other.ok);
  CHECK(other.reason.find("- pool:pool#1 -> store  append_records  wake#1  pool#1  number=3") !=
        std::string::npos);
  CHECK(other.reason.find("+ pool:pool#1 -> store  keep_checkpoint  wake#1  pool#1  number=3") !=
        std::string::npos);
  CHECK(!sim::golden(small, sim::normalised(small) + "\n").ok);
  CHECK(!sim::golden(small, "").ok);
}
