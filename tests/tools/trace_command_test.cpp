// `agentpool trace` as a user runs it.
#include <fstream>
#include <sstream>

#include "sim/trace_kit.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

/// A folder with the small trace in it.
class bench {
 public:
  bench() { write("small.jsonl", small_trace); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{folder_.file(name)} << text;
    return name;
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream in{folder_.file(name)};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  support::ended trace(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), "trace");
    return support::run_to_end(
        {support::program().string(), std::move(arguments), {}, folder_.path().string()}, input);
  }

 private:
  support::temporary_directory folder_;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  text.replace(text.find(what), what.size(), with);
  return text;
}

}  // namespace

TEST_CASE("trace show prints a table of what the filters allow") {
  bench here;
  const auto shown = here.trace({"show", "small.jsonl", "--message", "m.1", "--after", "3"});
  CHECK(shown.exit_code == 0);
  CHECK(shown.errors.empty());
  CHECK(shown.output ==
        "step  at        from         to         message         cause  ids\n"
        "4     0.000010  pool:pool.a  store      append_records  2      message=m.1 pool=pool.a "
        "number=2\n"
        "8     0.002020  pool:pool.a  run:run.b  entries_handed  7      run=run.b message=m.1\n");
  const auto cut = here.trace({"show", "small.jsonl", "--json", "--to", "run:*"});
  CHECK(here.trace({"show", "-"}, cut.output).output.find("entries_handed") != std::string::npos);
}

TEST_CASE("trace diff tells same, different and unreadable apart by its exit code") {
  bench here;
  here.write("other.jsonl", replaced(small_trace, "flush_appends", "drop_old"));
  CHECK(here.trace({"diff", "small.jsonl", "small.jsonl"}).output == "the same: 11 messages\n");
  const auto found = here.trace({"diff", "small.jsonl", "other.jsonl"});
  CHECK(found.exit_code == 1);
  CHECK(found.output.starts_with(
      "the traces part at the 3rd message that store handles: other message\n"
      "\nsmall.jsonl:\n  #5 0.000010 store -> store flush_appends\n"));
  const auto missing = here.trace({"diff", "small.jsonl", "none.jsonl"});
  CHECK(missing.exit_code == 2);
  CHECK(missing.errors == "agentpool: cannot read none.jsonl: No such file or directory\n");
}

TEST_CASE("trace check says of each statement whether it holds") {
  bench here;
  here.write("spec",
             "# what a run relies on\n"
             "in_order send_message, entries_handed\n"
             "always suspend_until where wake=$w followed_by wake_handed where wake=$w\n");
  const auto checked = here.trace({"check", "small.jsonl", "spec"});
  CHECK(checked.exit_code == 1);
  CHECK(checked.output ==
        "spec:2: holds   in_order send_message, entries_handed\n"
        "    from step 2 to step 8\n"
        "spec:3: BROKEN  always suspend_until where wake=$w followed_by wake_handed where "
        "wake=$w\n"
        "    no 'wake_handed where wake=$w' ($w=w.1) after #10 0.005020 run:run.b -> pool:pool.a "
        "suspend_until run=run.b wake=w.1 pool=pool.a\n"
        "1 of 2 hold\n");
  here.write("good", "exactly 3 append_records");
  CHECK(here.trace({"check", "small.jsonl", "good"}).exit_code == 0);
  here.write("bad", "exactly 3 append_records\nnever\n");
  const auto bad = here.trace({"check", "small.jsonl", "bad"});
  CHECK(bad.exit_code == 2);
  CHECK(bad.errors ==
        "agentpool: bad:2:6: the name of a message should stand here, not the end of the line\n");
}

TEST_CASE("trace why tells a story, or that there is none") {
  bench here;
  const auto told = here.trace({"why", "m.1", "small.jsonl", "--most", "2"});
  CHECK(told.exit_code == 0);
  CHECK(told.output.starts_with("message m.1, from the last message back:\n#8 "));
  CHECK(told.output.find("  and so on, 2 more\n") != std::string::npos);
  CHECK(here.trace({"why", "m.9", "small.jsonl"}).exit_code == 1);
}

TEST_CASE("trace export writes each format, to a file when asked to") {
  bench here;
  CHECK(here.trace({"export", "small.jsonl", "--format", "mermaid"})
            .output.starts_with("sequenceDiagram\n"));
  CHECK(here.trace({"export", "small.jsonl", "--format", "perfetto"}).output.find("traceEvents") !=
        std::string::npos);
  CHECK(here.trace({"export", "small.jsonl", "--format", "shiviz"}).output.starts_with("\n\n"));
  const auto page = here.trace({"export", "small.jsonl", "--format", "html", "-o", "small.html"});
  CHECK(page.exit_code == 0);
  CHECK(page.output.empty());
  CHECK(here.content("small.html").starts_with("<!DOCTYPE html>"));
  CHECK(here.trace({"export", "small.jsonl", "--format", "png"}).exit_code == 2);
  const auto nowhere = here.trace({"export", "small.jsonl", "--format", "html", "-o", "no/folder"});
  CHECK(nowhere.exit_code == 2);
  CHECK(nowhere.errors == "agentpool: cannot write no/folder\n");
}

TEST_CASE("bad input of trace names file, line and place, and ends with 2") {
  bench here;
  here.write("bad.jsonl", small_trace + "{\"at\":1,\"step\":12,\"from\":\"a\",\"to\":\"b\"}\n");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"show", "bad.jsonl"},
                                                  {"why", "m.1", "bad.jsonl"},
                                                  {"diff", "small.jsonl", "bad.jsonl"},
                                                  {"check", "bad.jsonl", "small.jsonl"},
                                                  {"export", "bad.jsonl", "--format", "html"}}) {
    const auto ended = here.trace(command);
    CHECK(ended.exit_code == 2);
    CHECK(ended.errors == "agentpool: bad.jsonl:12: name: is missing\n");
    CHECK(ended.output.empty());
  }
  CHECK(here.trace({"show", "."}).errors == "agentpool: cannot read .: it is a folder\n");
  CHECK(here.trace({"show"}).exit_code == 2);
}
