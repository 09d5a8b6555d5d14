// The page of a server in a real browser: what it shows, and how one gets about.
#include "page/page_kit.hpp"
#include "support/catch.hpp"

using namespace agentpool::tests;

namespace {

/// Three runs that wait for each other, one that waits alone, and a message nobody has read.
void fill_with_cycle(served_pools& at) {
  for (const auto* run : {"a", "b", "c", "d"}) at.join(run);
  at.wait("1", "a", "run_completed", "b");
  at.wait("2", "b", "run_completed", "c");
  at.wait("3", "c", "run_completed", "a");
  at.wait("4", "d", "run_failed", "a");
  at.send("hello", "d", "a");
}

const std::string title = "document.querySelector('#details:not([hidden]) h2').textContent";
const std::string why =
    "[...document.querySelectorAll('#details .why li')]"
    ".map((each) => each.textContent)";
const std::string focused = "document.activeElement.id";

}  // namespace

TEST_CASE("in a browser one gets from the pools to a run and to why it waits") {
  if (!browser_is_there()) return;
  served_pools at;
  fill_with_cycle(at);
  browser page;
  page.open(at.url());
  CHECK(page.until(rows("pools") + ".length === 1 && " + rows("pools")) == json{"pool.p"});
  page.click("#pools-list .row");
  page.until(rows("members") + ".length === 4 && " + rows("waits") + ".length === 4");
  CHECK(page.text("document.title") == "\"pool.p · agentpool\"");
  CHECK(page.evaluate(rows("members"))[1] == "run.b | cycle | agent.x");
  CHECK(page.evaluate(rows("messages"))[0] == "message.hello | delivered | run.d → run.a");
  page.click("#members-list .row:nth-of-type(2)");
  CHECK(page.until("document.querySelector('#details .why') && " + title) == "Run run.b");
  CHECK(page.evaluate(why)[0] ==
        "run.b waits for run_completed of run.c (wake.2), without a timeout; it is part of a cycle "
        "of waits");
  page.click("#details .why a[href$='wake.3']");
  page.until(title + " === 'Wake wake.3' && document.querySelector('#details .facts')");
  CHECK(page.evaluate(why)[0] ==
        "wake.3 of run.c, which waits for run_completed of run.a, is registered");
  page.click("#messages-list .row");
  page.until(title + " === 'Message message.hello' && document.querySelector('#details .facts')");
  CHECK(page.evaluate("location.hash") == "#/pool.p/message/message.hello");
  page.evaluate("history.back()");
  page.until(title + " === 'Wake wake.3'");
  CHECK(page.complaints().empty());
}

TEST_CASE("in a browser cycles of waits are shown and spelled out, other waits are not marked") {
  if (!browser_is_there()) return;
  served_pools at;
  fill_with_cycle(at);
  browser page;
  page.open(at.page());
  page.until(rows("waits") + ".length === 4");
  CHECK(page.evaluate(rows("waits")) ==
        json{"run.a | cycle | no timeout | waits for run_completed of run.b",
             "run.b | cycle | no timeout | waits for run_completed of run.c",
             "run.c | cycle | no timeout | waits for run_completed of run.a",
             "run.d | no timeout | waits for run_failed of run.a"});
  CHECK(page.evaluate("[...document.querySelectorAll('.cycle')].map((each) =>"
                      "[...each.querySelectorAll('a')].map((run) => run.textContent).join(' '))") ==
        json{"run.a run.b run.c run.a"});
  at.ask("cancel_wake", {{"condition_id", "wake.2"}});
  page.until("document.querySelectorAll('.cycle, .badge.bad').length === 0");
  CHECK(page.evaluate(rows("waits")).size() == 3);
}

TEST_CASE("in a browser the search and the groups leave what fits them, in every list") {
  if (!browser_is_there()) return;
  served_pools at;
  fill_with_cycle(at);
  browser page;
  page.resize(1280, 1600);
  page.open(at.page());
  const std::string count = "document.getElementById('timeline-count').textContent";
  page.until(count + " === '11 events'");
  page.click("#search");
  page.type("RUN.D message");
  CHECK(page.evaluate(count) == "2 of 11 events");
  CHECK(page.evaluate("document.querySelector('#timeline-list mark').textContent") == "message");
  CHECK(page.text(rows("members")) == "[]");
  CHECK(page.evaluate("document.querySelector('#members-list .nothing').textContent") ==
        "None of 4 members fits.");
  CHECK(page.evaluate(rows("messages")).size() == 1);
  page.click("#groups [data-group=messages]");
  CHECK(page.evaluate(count) == "0 of 11 events");
  page.click("#groups [data-group=messages]");
  page.press("Escape");
  CHECK(page.evaluate(count) == "11 events");
  page.click("#groups [data-group=members]");
  CHECK(page.evaluate(count) == "6 of 11 events");
  CHECK(page.text(rows("timeline")).find("joined") == std::string::npos);
  page.click("#search");
  page.type("cycle");
  CHECK(page.evaluate(rows("members")).size() == 3);
}

TEST_CASE("in a browser the page is used by keys alone") {
  if (!browser_is_there()) return;
  served_pools at;
  fill_with_cycle(at);
  browser page;
  page.open(at.url());
  page.until(rows("pools") + ".length === 1");
  for (const auto* stop : {"", "search", "connection", "help-open", "pools-list"}) {
    page.press("Tab");
    CHECK(page.evaluate(focused) == stop);
  }
  page.press("Enter");
  page.until(rows("members") + ".length === 4 && " + rows("waits") + ".length === 4");
  page.press("1");
  CHECK(page.evaluate(focused) == "members-list");
  const std::string active =
      "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
      ".querySelector('b').textContent";
  CHECK(page.evaluate(active) == "run.a");
  page.press("ArrowDown");
  page.press("ArrowDown");
  CHECK(page.evaluate(active) == "run.c");
  page.press("End");
  CHECK(page.evaluate(active) == "run.d");
  page.press("Home");
  page.press("ArrowDown");
  page.press("Enter");
  page.until(title + " === 'Run run.b' && document.querySelector('#details .why')");
  CHECK(page.evaluate(focused) == "details-title");
  page.press("Escape");
  page.until("document.getElementById('details').hidden");
  CHECK(page.evaluate(focused) == "members-list");
  CHECK(page.evaluate(active) == "run.b");
  page.press("2");
  CHECK(page.evaluate(focused) == "waits-list");
  page.press("/");
  CHECK(page.evaluate(focused) == "search");
  page.type("run.d");
  CHECK(page.evaluate("document.getElementById('search').value") == "run.d");
  page.press("Escape");
  CHECK(page.evaluate("document.getElementById('search').value.length") == 0);
  page.press("4");
  page.press("?");
  CHECK(page.evaluate("document.getElementById('help').open"));
  page.press("Escape");
  CHECK_FALSE(page.evaluate("document.getElementById('help').open"));
  page.press("Escape");
  page.until("location.hash === '#/' && !document.getElementById('pools').hidden");
}

TEST_CASE("in a browser ids that look like HTML do nothing and are shown as they are") {
  if (!browser_is_there()) return;
  served_pools at;
  const std::string evil = "<img src=x onerror=\"document.title='evil'\">";
  at.ask("join_run", {{"member", {{"run_id", evil}, {"agent_id", evil}, {"topics", {evil}}}}});
  at.ask("send", {{"message",
                   {{"message_id", evil + "/m"},
                    {"from", evil},
                    {"to", {{"target", {{"type", "run"}, {"run_id", evil}}}}},
                    {"content_ref", evil},
                    {"idempotency_key", evil}}}});
  browser page;
  page.open(at.page());
  page.until(rows("members") + ".length === 1 && " + rows("messages") + ".length === 1");
  page.click("#messages-list .row");
  page.until("document.querySelector('#details .why') && " + title + ".includes('onerror')");
  CHECK(page.evaluate("document.images.length") == 1);  // the server's own sign
  CHECK(page.evaluate("document.title") == "pool.p · agentpool");
  CHECK(page.evaluate("document.querySelector('#members-list b').textContent") == evil);
  page.click("#details .facts a");
  CHECK(page.until(title + ".startsWith('Run') && " + title) == "Run " + evil);
  CHECK(page.complaints().empty());
}

TEST_CASE("in a browser a server with tokens is asked with the one that its user gives") {
  if (!browser_is_there()) return;
  const agentpool::support::temporary_directory folder;
  const auto file = folder.file("tokens.jsonl");
  const auto made = agentpool::support::run_to_end(
      {agentpool::support::program().string(),
       {"token", "add", "--file", file, "--name", "looker", "--role", "observe"}});
  REQUIRE(made.exit_code == 0);
  const auto token = made.output.substr(0, made.output.find('\n'));
  served_pools at{{"--tokens", file}};
  at.join("a");
  browser page;
  page.open(at.page());
  page.until("document.getElementById('token-dialog').open");
  CHECK(page.evaluate(focused) == "token");
  page.press("Escape");
  CHECK(page.evaluate("document.getElementById('token-dialog').open"));
  page.type("wrong");
  page.press("Enter");
  page.until(
      "document.getElementById('token-dialog').open && document.getElementById("
      "'token-why').textContent.includes('nobody has this token')");
  page.type(token);
  page.press("Enter");
  page.until(rows("members") + ".length === 1 && " + rows("timeline") + ".length === 2");
  CHECK(page.evaluate("sessionStorage['agentpool.token']") == token);
  CHECK(page.evaluate("localStorage.length + document.cookie.length") == 0);
  page.reload();
  page.until(rows("members") + ".length === 1");
  CHECK_FALSE(page.evaluate("document.getElementById('token-dialog').open"));
  page.click("#help-open");
  page.click("#forget-token");
  page.until("document.getElementById('token-dialog').open");
  CHECK(page.evaluate("sessionStorage.length") == 0);
}
