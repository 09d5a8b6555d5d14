#include "tools/survey_report.hpp"

#include "support/catch.hpp"
#include "tools/survey_progress.hpp"

using namespace agentpool::tools;

namespace {

survey_report sample() {
  survey_plan plan{
      "/top/a\nb", 2, {{"x", 1}, {"y", 1}, {"z", 1}}, {{"closed", "Permission denied"}}};
  tally counts;
  counts.files = 2;
  counts.lines = 1'234'567;
  counts.binary_files = 1;
  counts.add_line({70, "x", 3});
  counts.add_unread({"z", "No such file or directory"});
  counts.add_identifier("name");
  return report_of(plan, counts, {6, 7, 30});
}

}  // namespace

TEST_CASE("the survey's JSON has every count under its name") {
  CHECK(as_json(sample()) ==
        R"({"directory":"/top/a\\x0ab","complete":true,"files":2,"lines":1234567,"words":0,)"
        R"("bytes":0,"binary_files":1,"unreadable_files":1,)"
        R"("unreadable":[{"path":"z","why":"No such file or directory"},)"
        R"({"path":"closed/","why":"Permission denied"}],)"
        R"("longest_lines":[{"path":"x","line":3,"bytes":70}],)"
        R"("identifiers":[{"name":"name","count":1}],)"
        R"("batches":2,"messages":6,"wakes":7,"commits":30})"
        "\n");
}

TEST_CASE("the survey's table says the same to a person") {
  CHECK(as_table(sample()) ==
        "survey of /top/a\\x0ab\n"
        "\n"
        "  files                     2  (1 of them binary)\n"
        "  lines             1,234,567\n"
        "  words                     0\n"
        "  bytes                     0\n"
        "  unreadable                1\n"
        "                 z: No such file or directory\n"
        "                 closed/: Permission denied\n"
        "\n"
        "longest lines (bytes)\n"
        "             70  x:3\n"
        "\n"
        "most frequent identifiers\n"
        "              1  name\n"
        "\n"
        "it took 6 messages, 7 wakes and 30 commits for 2 batches\n");
}

TEST_CASE("numbers are written for people") {
  CHECK(with_commas(0) == "0");
  CHECK(with_commas(999) == "999");
  CHECK(with_commas(1'000) == "1,000");
  CHECK(with_commas(12'345'678) == "12,345,678");
  CHECK(counted(1, "batch") == "1 batch");
  CHECK(counted(2'000, "batch") == "2,000 batches");
  CHECK(counted(0, "file") == "0 files");
  CHECK(in_megabytes(3'449'999) == "3.4 MB");
}
