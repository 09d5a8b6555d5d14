// The page of `agentpool trace export --format html` in a real browser.
#include <filesystem>
#include <fstream>

#include "agentpool/sim/trace_export.hpp"
#include "sim/trace_kit.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

const std::string browser = "/usr/bin/chromium";

/// A script that says what it finds: a line for each `say(name, value)`.
const std::string kit = R"js(<pre id="said"></pre><script>
const say = (name, value) => { document.getElementById('said').textContent +=
  name + '=' + value + '\n'; };
const item = (step) => document.querySelector(
  `[data-line="${lines.findIndex((line) => line.told.step === step)}"] .hit`);
const fire = (target, kind, type, more) =>
  target.dispatchEvent(new kind(type, {bubbles: true, cancelable: true, button: 0, ...more}));
const click = (target) => {
  const {x, y} = target.getBoundingClientRect();
  for (const type of ['pointerdown', 'pointerup'])
    fire(target, PointerEvent, type, {clientX: x, clientY: y});
  fire(target, MouseEvent, 'click', {clientX: x, clientY: y});
};
const heading = () => document.querySelector('#details h2')?.textContent || 'none';
const filter = (text) => {
  document.getElementById('filter').value = text;
  fire(document.getElementById('filter'), Event, 'input');
};
)js";

/// What the browser's page holds once `script` has run in it, from "SAID" to the end.
std::string said(const sim::trace& what, const std::string& script, const std::string& hash = {}) {
  const support::temporary_directory folder;
  const auto path = folder.file("page.html");
  auto page = sim::to_html(what, "t");
  const auto end = page.rfind("</body>");
  page.insert(end, kit + script + "</script>");
  std::ofstream{path} << page;
  const auto ended = support::run_to_end(
      {browser,
       {"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--window-size=1200,800", "--user-data-dir=" + folder.file("profile"), "--dump-dom",
        "file://" + path + hash}},
      {}, std::chrono::milliseconds{120'000});
  REQUIRE(ended.exit_code == 0);
  const std::string begin = "<pre id=\"said\">";
  const auto at = ended.output.find(begin);
  REQUIRE(at != std::string::npos);
  const auto text = ended.output.substr(at + begin.size());
  return text.substr(0, text.find("</pre>"));
}

bool browser_is_there() {
  if (std::filesystem::exists(browser)) return true;
  support::skip("there is no " + browser + ": apt-get install chromium");
  return false;
}

}  // namespace

TEST_CASE("in a browser a click shows a message's details and leads to its causes") {
  if (!browser_is_there()) return;
  CHECK(said(read(small_trace), R"js(
say('lanes', document.querySelectorAll('#heads text').length);
say('arrows', document.querySelectorAll('#arrows .item').length);
say('before', heading());
click(item(8));
say('clicked', heading());
say('message', [...document.querySelectorAll('#details dd')].map((each) => each.textContent));
say('causes', document.querySelectorAll('#details ol')[0].textContent);
say('marked', document.querySelectorAll('.item.cause').length + ' ' +
  document.querySelectorAll('.item.effect').length);
document.querySelector('#details [data-go]').click();
say('cause', heading());
say('address', location.hash);
)js") == "lanes=5\narrows=11\nbefore=none\nclicked=#8 entries_handed\n"
         "message=0.002020 s,pool:pool.a,run:run.b,run.b,m.1\n"
         "causes=#7 records_appended  store → pool:pool.a#5 flush_appends  store → store"
         "#3 append_records  pool:pool.a → store#1 join_run  client:1 → pool:pool.a\n"
         "marked=4 1\ncause=#7 records_appended\naddress=#step=7\n");
}

TEST_CASE("in a browser the filter leaves what holds its words") {
  if (!browser_is_there()) return;
  CHECK(said(read(small_trace), R"js(
filter('STORE append');
say('shown', document.querySelectorAll('#arrows .item').length);
say('count', document.getElementById('count').textContent);
filter('nothing like it');
say('none', document.querySelectorAll('#arrows .item').length);
filter('');
say('all', document.querySelectorAll('#arrows .item').length);
)js") == "shown=6\ncount=6 of 11 messages\nnone=0\nall=11\n");
}

TEST_CASE("in a browser the picture can be zoomed and moved") {
  if (!browser_is_there()) return;
  std::vector<sim::trace_line> many;
  for (std::uint64_t step = 1; step <= 20'000; ++step)
    many.push_back(line(step, "run:a", step % 2 == 0 ? "store" : "pool:p", "m",
                        step > 1 ? std::optional{step - 1} : std::nullopt));
  CHECK(said(sim::trace::of(many).value(), R"js(
const view_ = document.getElementById('view');
const first = () => document.querySelector('#arrows .item').dataset.line;
const drawn = () => document.querySelectorAll('#arrows .item').length;
const near = drawn();
say('few are drawn', near > 20 && near < 60);
document.getElementById('farther').click();
say('farther shows more', drawn() > near);
document.getElementById('whole').click();
fire(view_, WheelEvent, 'wheel', {deltaY: -300, ctrlKey: true, clientX: 300, clientY: 300});
say('wheel shows fewer', drawn() < near);
document.getElementById('whole').click();
fire(view_, WheelEvent, 'wheel', {deltaY: 2400});
say('wheel moves', first() > 90 && first() < 105);
fire(view_, PointerEvent, 'pointerdown', {clientX: 400, clientY: 400});
fire(view_, PointerEvent, 'pointermove', {clientX: 400, clientY: 160});
fire(view_, PointerEvent, 'pointerup', {clientX: 400, clientY: 160});
say('pulling moves', first() > 100 && first() < 115);
fire(view_, PointerEvent, 'pointermove', {clientX: 400, clientY: 700});
say('and stops', first() > 100);
fire(item(first() * 1 + 10), MouseEvent, 'click', {});
say('a pull is no click', heading());
)js") == "few are drawn=true\nfarther shows more=true\nwheel shows fewer=true\nwheel moves=true\n"
         "pulling moves=true\nand stops=true\na pull is no click=none\n");
}

TEST_CASE("in a browser an address with a step opens there") {
  if (!browser_is_there()) return;
  CHECK(said(read(small_trace), "say('opened', heading());", "#step=5") ==
        "opened=#5 flush_appends\n");
}

TEST_CASE("in a browser ids that look like HTML do nothing and are shown as they are") {
  if (!browser_is_there()) return;
  const std::string evil = "</script><img src=x onerror=\"document.title='evil'\">";
  auto first = line(1, "client:" + evil, "pool:" + evil, evil);
  first.ids = {fact("message", {evil})};
  first.more = {{evil, "\"</script><b>\""}};
  CHECK(said(sim::trace::of({first}).value(), R"js(
click(item(1));
say('images', document.images.length);
say('title', document.title);
say('shown', document.getElementById('details').textContent.split('<img src=x onerror=').length);
)js") == "images=0\ntitle=t\nshown=6\n");
}
