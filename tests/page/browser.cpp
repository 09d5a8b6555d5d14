#include "page/browser.hpp"

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/environment.hpp"

namespace agentpool::tests {

namespace {

const std::string program = "/usr/bin/chromium";
constexpr std::chrono::milliseconds answer_max{120'000};

/// The protocol's files are 3 and 4; here they are what a test reads and writes of any program.
support::command_line started(const std::string& profile) {
  return {"/bin/sh",
          {"-c", R"(exec "$0" "$@" 3<&0 4>&1 1>&2)", program, "--headless", "--no-sandbox",
           "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
           "--force-color-profile=srgb", "--font-render-hinting=none", "--lang=en-GB",
           "--window-size=1280,800", "--user-data-dir=" + profile, "--remote-debugging-pipe",
           "about:blank"}};
}

struct key {
  int code = 0;
  std::string text = {};
};

key key_of(const std::string& name) {
  static const std::map<std::string, key> named{
      {"Enter", {13, "\r"}}, {"Tab", {9}},       {"Escape", {27}}, {"PageUp", {33}},
      {"PageDown", {34}},    {"End", {35}},      {"Home", {36}},   {"ArrowUp", {38}},
      {"ArrowDown", {40}},   {"Backspace", {8}}, {" ", {32, " "}}};
  if (const auto found = named.find(name); found != named.end()) return found->second;
  if (name.size() != 1) throw std::runtime_error("no such key: " + name);
  return {0, name};
}

}  // namespace

bool browser_is_there() {
  if (std::filesystem::exists(program)) return true;
  support::skip("there is no " + program + ": apt-get install chromium");
  return false;
}

browser::browser() : process_{started(folder_.file("profile"))} {
  const auto target = call("Target.createTarget", {{"url", "about:blank"}})["targetId"];
  session_ = call("Target.attachToTarget", {{"targetId", target}, {"flatten", true}})["sessionId"];
  for (const auto* part : {"Page", "Runtime", "Log"})
    call(std::string{part} + ".enable", json::object());
}

browser::~browser() {
  // Its processes write into the folder until they have ended.
  try {
    session_.clear();
    call("Browser.close", json::object());
    process_.wait();
  } catch (const std::exception&) {
    // It is killed then.
  }
}

json browser::call(const std::string& method, json parameters) {
  const int id = ++last_id_;
  json request{{"id", id}, {"method", method}, {"params", std::move(parameters)}};
  if (!session_.empty()) request["sessionId"] = session_;
  process_.write(request.dump() + '\0');
  for (;;) {
    auto message = next();
    if (message.value("id", 0) != id) continue;
    if (message.contains("error"))
      throw std::runtime_error(method + ": " + message["error"].dump());
    return message["result"];
  }
}

json browser::next() {
  const auto text = process_.text_until('\0', answer_max);
  if (!text || text->empty()) throw std::runtime_error("the browser has ended");
  auto message = json::parse(*text);
  if (!message.contains("id")) note(message);
  return message;
}

void browser::note(const json& event) {
  const auto& method = event["method"];
  if (method == "Page.loadEventFired") ++loads_;
  if (method == "Runtime.exceptionThrown")
    complaints_ += event["params"]["exceptionDetails"].dump() + "\n";
  if (method != "Log.entryAdded") return;
  const auto& entry = event["params"]["entry"];
  // Requests that fail are what some tests are about.
  if (entry["level"] == "error" && entry["source"] != "network") complaints_ += entry.dump() + "\n";
}

void browser::load(const std::string& method, json parameters) {
  const int before = loads_;
  call(method, std::move(parameters));
  while (loads_ == before) next();
}

void browser::open(const std::string& url) { load("Page.navigate", {{"url", url}}); }

void browser::reload() { load("Page.reload", json::object()); }

json browser::evaluate(const std::string& expression) {
  auto done = call("Runtime.evaluate", {{"expression", expression},
                                        {"awaitPromise", true},
                                        {"returnByValue", true},
                                        {"userGesture", true}});
  if (done.contains("exceptionDetails"))
    throw std::runtime_error(expression + ": " + done["exceptionDetails"].dump());
  return done["result"].value("value", json{});
}

json browser::until(const std::string& expression, const std::string& otherwise) {
  const auto script =
      "new Promise((done, fail) => { const end = performance.now() + 30_000;"
      "const look = () => { let found = false; try { found = (" +
      expression +
      "); } catch {} if (found) return done(found);"
      "if (performance.now() > end) return fail(new Error('never came true; ' + (" +
      otherwise + "))); setTimeout(look, 10); }; look(); })";
  for (;;) try {
      return evaluate(script);
    } catch (const std::runtime_error& fault) {
      // The page loaded itself anew meanwhile: the new one is asked.
      const std::string_view why = fault.what();
      if (why.find("target navigated") == std::string_view::npos &&
          why.find("context was destroyed") == std::string_view::npos)
        throw;
    }
}

void browser::click(const std::string& selector) {
  const auto at = evaluate("(() => { const box = document.querySelector(" + json(selector).dump() +
                           ").getBoundingClientRect();"
                           "return [box.x + box.width / 2, box.y + box.height / 2]; })()");
  for (const auto* type : {"mousePressed", "mouseReleased"})
    call("Input.dispatchMouseEvent",
         {{"type", type}, {"x", at[0]}, {"y", at[1]}, {"button", "left"}, {"clickCount", 1}});
}

void browser::press(const std::string& name) {
  constexpr std::string_view shift = "Shift+";
  const bool shifted = name.rfind(shift, 0) == 0;
  const auto plain = shifted ? name.substr(shift.size()) : name;
  const auto which = key_of(plain);
  json event{{"type", which.text.empty() ? "rawKeyDown" : "keyDown"},
             {"key", plain},
             {"modifiers", shifted ? 8 : 0},
             {"windowsVirtualKeyCode", which.code}};
  if (!which.text.empty()) event["text"] = which.text;
  call("Input.dispatchKeyEvent", event);
  event["type"] = "keyUp";
  event.erase("text");
  call("Input.dispatchKeyEvent", event);
}

void browser::type(const std::string& text) { call("Input.insertText", {{"text", text}}); }

void browser::resize(int width, int height, double scale) {
  call("Emulation.setDeviceMetricsOverride",
       {{"width", width}, {"height", height}, {"deviceScaleFactor", scale}, {"mobile", false}});
}

void browser::prefer(const std::string& scheme) {
  json features = json::array({{{"name", "prefers-color-scheme"}, {"value", scheme}}});
  call("Emulation.setEmulatedMedia", {{"features", std::move(features)}});
}

std::string browser::picture() {
  return call("Page.captureScreenshot", {{"format", "png"}})["data"];
}

}  // namespace agentpool::tests
