// The page of a server in a real browser: what goes on while it is open, long histories, many
// members, and how it looks.
#include "page/page_kit.hpp"
#include "support/catch.hpp"

using namespace agentpool::tests;

namespace {

/// The numbers of the events that are shown, the latest first.
const std::string numbers = rows("timeline") + ".map((row) => Number(row.split('#')[1]))";
const std::string count = "document.getElementById('timeline-count').textContent";
const std::string state = "document.getElementById('connection').dataset.state";

/// "10 9 8": from one number down to another.
json down(int from, int to) {
  json all = json::array();
  for (int each = from; each >= to; --each) all.push_back(each);
  return all;
}

}  // namespace

TEST_CASE("in a browser what happens is shown by itself") {
  if (!browser_is_there()) return;
  served_pools at;
  at.join("a");
  browser page;
  page.open(at.page());
  page.until(numbers + ".length === 2 && " + state + " === 'live'");
  at.join("b");
  at.send("hello", "a", "b");
  page.until(numbers + ".length === 5");
  CHECK(page.evaluate(rows("timeline"))[0].get<std::string>().find("message delivered | ") == 0);
  page.until(rows("members") + ".length === 2 && " + rows("messages") + ".length === 1");
  CHECK(page.evaluate(rows("members"))[1] == "run.b | agent.x | 1 unread");
  at.ask("leave_run", {{"run_id", "run.a"}});
  page.until(rows("members") + ".length === 1");
  CHECK(page.complaints().empty());
}

TEST_CASE("in a browser a server that died and came back goes on without gap or repeat") {
  if (!browser_is_there()) return;
  served_pools at;
  at.join("a");
  at.join("b");
  browser page;
  page.resize(1280, 2400);
  page.open(at.page());
  page.until(numbers + ".length === 3 && " + state + " === 'live'");
  at.send("1", "a", "b");
  page.until(numbers + ".length === 5");
  for (const int round : {1, 2}) {
    at.kill_server();
    page.until(state + " !== 'live'");
    // What happens meanwhile, by another program on the same file.
    at.send("down" + std::to_string(round), "a", "b");
    at.start_again();
    page.until(state + " === 'live'");
    at.send("up" + std::to_string(round), "b", "a");
    const int now = 5 + 4 * round;
    page.until(numbers + ".length >= " + std::to_string(now));
    CHECK(page.evaluate(numbers) == down(now, 1));
    // A row stands for all that have its key: how many there are says the count.
    CHECK(page.evaluate(count) == std::to_string(now) + " events");
  }
  page.until(rows("messages") + ".length === 5");
}

TEST_CASE("in a browser a log that was shortened meanwhile is a gap that the page tells of") {
  if (!browser_is_there()) return;
  served_pools at;
  at.join("a");
  at.join("b");
  browser page;
  page.resize(1280, 2400);
  page.open(at.page());
  page.until(numbers + ".length === 3 && " + state + " === 'live'");
  at.kill_server();
  for (int i = 0; i < 10; ++i) at.send(std::to_string(i), "a", "b");
  const auto inbox = at.ask("inbox", {{"run_id", "run.b"}})["entries"];
  at.ask("ack_inbox", {{"run_id", "run.b"}, {"sequence", inbox.back()["sequence"]}});
  at.compact(4);
  at.start_again();
  const std::string notice = "document.getElementById('notice')";
  CHECK(page.until("!" + notice + ".hidden && " + notice + ".textContent") ==
        "events in between are not there any more");
  at.send("after", "b", "a");
  page.until(numbers + "[0] === 25");
  // How much of what is left was in memory depends on where the latest checkpoint is.
  page.until(count + ".endsWith('6 events')");
  page.evaluate("document.getElementById('earlier').click()");
  page.until(count + " === '6 events'");
  CHECK(page.evaluate(numbers) == down(25, 20));
  CHECK_FALSE(page.evaluate(notice + ".hidden"));
}

TEST_CASE("in a browser a long history opens at its end, and is read back step by step") {
  if (!browser_is_there()) return;
  served_pools at;
  at.join("a");
  at.join("b");
  for (int i = 0; i < 700; ++i)
    at.give("send", {{"message", message(std::to_string(i), "run.a", "run.b")}});
  at.settle();
  browser page;
  page.open(at.page());
  page.until(count + " === 'the latest 500 of 1,403 events'");
  page.until(numbers + "[0] === 1403");
  page.click("#earlier");
  page.until(count + ".includes('1,000')");
  const std::string list = "document.getElementById('timeline-list')";
  page.evaluate(list + ".scrollTop = " + list + ".scrollHeight");
  page.until(count + " === '1,403 events'");
  CHECK(page.evaluate("document.getElementById('earlier').hidden"));
  page.evaluate(list + ".scrollTop = " + list + ".scrollHeight");
  page.until(numbers + ".at(-1) === 1");
  CHECK(page.evaluate(numbers)[0].get<int>() < 30);
  // Whoever looks at old events stays there, and is told of new ones.
  const auto there = page.evaluate(numbers);
  at.send("new", "b", "a");
  page.until(
      "!document.getElementById('newer').hidden && "
      "document.getElementById('newer').textContent.includes('2 new events')");
  CHECK(page.evaluate(numbers) == there);
  page.click("#newer");
  page.until(numbers + "[0] === 1405");
}

TEST_CASE("in a browser 10,000 members scroll quickly, and few elements hold them") {
  if (!browser_is_there()) return;
  served_pools at;
  for (int i = 1; i <= 10'000; ++i)
    at.give("join_run", {{"member", member("run." + std::to_string(100'000 + i))}});
  at.settle();
  browser page;
  page.open(at.page());
  page.until("document.getElementById('members-count').textContent === '10,000 members'");
  const auto all = [&] { return page.evaluate("document.querySelectorAll('*').length"); };
  CHECK(page.evaluate(rows("members")).size() > 10);
  CHECK(page.evaluate(rows("members")).size() < 40);
  CHECK(all() < 800);
  const std::string list = "document.getElementById('members-list')";
  // Half way, where the row is known beforehand.
  page.evaluate(list + ".scrollTop = 5000 * 48");
  page.until(rows("members") + ".some((row) => row.startsWith('run.105001 |'))");
  // 200 places all over the list, each drawn at once.
  const auto took = page.evaluate(
      "(() => { const begin = performance.now();"
      "for (let i = 0; i < 200; ++i) { " +
      list + ".scrollTop = (i * 7919 % 10000) * 48; " + list +
      ".dispatchEvent(new Event('scroll')); " + list +
      ".getBoundingClientRect(); }"
      "return performance.now() - begin; })()");
  INFO("200 places took " << took << " ms");
  CHECK(took < 4'000);
  CHECK(all() < 800);
  // Not by a click: that would open the row under it, and the details would have the focus.
  page.evaluate(list + ".focus()");
  page.press("End");
  page.until(rows("members") + ".some((row) => row.startsWith('run.110000 |'))");
  page.press("/");
  page.type("run.107777");
  page.until(rows("members") + ".length === 1");
  CHECK(page.evaluate("document.getElementById('members-count').textContent") ==
        "1 of 10,000 members");
}

TEST_CASE("in a browser light and dark differ, and neither is blank") {
  if (!browser_is_there()) return;
  served_pools at;
  at.join("a");
  at.join("b");
  at.wait("1", "a", "run_completed", "b");
  at.send("hello", "b", "a");
  browser page;
  page.open(at.page());
  page.until(rows("waits") + ".length === 1 && " + numbers + ".length === 6 && " +
             rows("messages") + ".length === 1");
  // Of a picture: how bright it is, and how many colours it has.
  const auto look = [&](const std::string& scheme) {
    page.prefer(scheme);
    page.until("matchMedia('(prefers-color-scheme: " + scheme + ")').matches");
    const auto picture = page.picture();
    browser eye;
    return eye.evaluate(
        "(async () => { const image = new Image(); image.src = 'data:image/png;base64," + picture +
        "'; await image.decode(); const canvas = new OffscreenCanvas(image.width, image.height);"
        "const at = canvas.getContext('2d'); at.drawImage(image, 0, 0);"
        "const {data} = at.getImageData(0, 0, image.width, image.height);"
        "const colours = new Set(); let light = 0;"
        "for (let i = 0; i < data.length; i += 4) {"
        "  light += data[i] + data[i + 1] + data[i + 2];"
        "  colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]); }"
        "return {light: light / (data.length / 4 * 3), colours: colours.size}; })()");
  };
  const auto light = look("light");
  const auto dark = look("dark");
  INFO(light << " " << dark);
  CHECK(light["light"] > 200);
  CHECK(dark["light"] < 60);
  CHECK(light["colours"] > 100);
  CHECK(dark["colours"] > 100);
}

TEST_CASE("in a browser a phone's width shows one part at a time and nothing sticks out") {
  if (!browser_is_there()) return;
  served_pools at;
  at.join("a");
  browser page;
  page.resize(360, 640);
  page.open(at.page());
  page.until(numbers + ".length === 2");
  const std::string seen =
      "[...document.querySelectorAll('#pool > .panel')].filter((each) => each.checkVisibility())"
      ".map((each) => each.id)";
  CHECK(page.evaluate(seen) == json{"timeline"});
  page.click("#tabs [data-part=members]");
  CHECK(page.evaluate(seen) == json{"members"});
  CHECK(page.evaluate("document.documentElement.scrollWidth") == 360);
  page.until(rows("members") + ".length === 1");
  page.click("#members-list .row");
  page.until("document.querySelector('#details .why')?.checkVisibility()");
  CHECK(page.evaluate("document.documentElement.scrollWidth") == 360);
  page.click("#details-close");
  page.until("document.getElementById('details').hidden");
  CHECK(page.evaluate(seen) == json{"members"});
}
