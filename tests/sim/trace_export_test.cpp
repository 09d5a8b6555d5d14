#include "agentpool/sim/trace_export.hpp"

#include <charconv>
#include <map>

#include "agentpool/core/json_tree.hpp"
#include "support/catch.hpp"
#include "trace_kit.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

const std::string evil = "</script><img src=x onerror=alert(1)>;#\"'\n-->&";

/// Names as no user would choose them, but an attacker may.
sim::trace evil_trace() {
  auto first = line(1, "client:" + evil, "pool:" + evil, evil);
  first.ids = {fact("message", {evil}), fact(evil, {evil})};
  first.more = {{evil, "\"</script>\""}};
  return sim::trace::of({first, line(2, "pool:" + evil, "run:end", "end", 1)}).value();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char letter : text) {
    if (letter == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += letter;
    }
  }
  lines.pop_back();
  return lines;
}

double number(const core::json_value& value) { return std::stod(std::string{value.text()}); }

/// The phases of a Perfetto trace with how often they come; fails when times go back.
std::map<std::string, int> phases(const std::string& json) {
  const auto tree = core::parse_json(json);
  REQUIRE(tree.ok());
  std::map<std::string, int> found;
  double last = 0;
  const auto events = *tree->root().find("traceEvents");
  for (const auto event : events) {
    const std::string phase{event.find("ph")->text()};
    ++found[phase];
    if (phase != "X") continue;
    CHECK(number(*event.find("ts")) >= last);
    last = number(*event.find("ts"));
    CHECK(number(*event.find("dur")) > 0);
  }
  return found;
}

/// Every event's host and clock; fails when a host's own count does not go up by one.
std::vector<std::map<std::string, std::string>> clocks(const std::string& log) {
  const auto lines = lines_of(log);
  REQUIRE(lines.size() >= 2);
  CHECK((lines[0].empty() && lines[1].empty()));
  std::vector<std::map<std::string, std::string>> found;
  std::map<std::string, int> own;
  for (std::size_t i = 3; i < lines.size(); i += 2) {
    const auto space = lines[i].find(' ');
    const auto host = lines[i].substr(0, space);
    const auto clock = core::parse_json(lines[i].substr(space + 1));
    REQUIRE(clock.ok());
    found.emplace_back();
    for (const auto each : clock->root())
      found.back()[std::string{each.key()}] = std::string{each.text()};
    CHECK(found.back()[host] == std::to_string(++own[host]));
  }
  return found;
}

}  // namespace

TEST_CASE("a Mermaid diagram has a participant an actor and an arrow a message") {
  const auto text = sim::to_mermaid(read(small_trace));
  CHECK(
      text.starts_with("sequenceDiagram\n"
                       "  participant a0 as client:1\n"
                       "  participant a1 as pool:pool.a\n"
                       "  participant a2 as store\n"
                       "  participant a3 as run:run.b\n"
                       "  participant a4 as journal:pool.a\n"
                       "  a0->>a1: 1 join_run run=run.a pool=pool.a\n"
                       "  a0->>a1: 2 send_message run=run.a message=m.1 pool=pool.a\n"));
  CHECK(count(text, "->>") == 11);
  const auto hostile = sim::to_mermaid(evil_trace());
  CHECK(lines_of(hostile).size() == 6);
  CHECK(hostile.find('<') == std::string::npos);
  CHECK(hostile.find("#60;/script#62;") != std::string::npos);
}

TEST_CASE("a Perfetto trace has a slice a message and a flow a cause") {
  CHECK(phases(sim::to_perfetto(read(small_trace))) ==
        std::map<std::string, int>{{"M", 6}, {"X", 11}, {"s", 9}, {"f", 9}});
  CHECK(phases(sim::to_perfetto(evil_trace())) ==
        std::map<std::string, int>{{"M", 4}, {"X", 2}, {"s", 1}, {"f", 1}});
  CHECK(phases(sim::to_perfetto({})) == std::map<std::string, int>{{"M", 1}});
  auto late = line(1, "a", "b", "c");
  late.at = ~std::uint64_t{0};
  CHECK(phases(sim::to_perfetto(sim::trace::of({late}).value()))["X"] == 1);
}

TEST_CASE("a ShiViz log has clocks that tell what came before what") {
  const auto found = clocks(sim::to_shiviz(read(small_trace)));
  REQUIRE(found.size() == 13);  // Two of them are the client's sending.
  // The run was handed the message because of all that went before, but not of the second answer
  // of the store to nobody: the journal.
  const auto& handed = found[9];
  CHECK(handed.at("client:1") == "2");
  CHECK(handed.at("store") == "3");
  CHECK(handed.count("journal:pool.a") == 0);
  CHECK(clocks(sim::to_shiviz(evil_trace())).size() == 3);
}

TEST_CASE("nothing in a trace becomes part of the page") {
  const auto page = sim::to_html(evil_trace(), evil);
  const auto plain = sim::to_html(sim::trace::of({line(1, "a", "b", "c")}).value(), "t");
  for (const std::string tag : {"</script", "<script", "<img", "-->", "</title", "<h1"})
    CHECK(count(page, tag) == count(plain, tag));
  CHECK(page.find("onerror=alert(1)&gt;") != std::string::npos);  // as the title's text
  CHECK(count(page, "\\u003c/script\\u003e\\u003cimg src=x") >= 4);
}

TEST_CASE("the page needs no network") {
  const auto page = sim::to_html(read(small_trace), "t");
  CHECK(count(page, "http") == 2);  // http-equiv, and the name of SVG, which nobody fetches
  CHECK(page.find("http://www.w3.org/2000/svg") != std::string::npos);
  CHECK(page.find("default-src 'none'") != std::string::npos);
  CHECK(count(page, "src=") == 0);
  CHECK(count(page, "@import") == 0);
}
