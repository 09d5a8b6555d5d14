#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

/// A headless Chromium with one page, driven by its DevTools protocol over pipes
/// (https://chromedevtools.github.io/devtools-protocol/).
namespace agentpool::tests {

using json = nlohmann::ordered_json;

/// False when there is none; ctest was told then that the test is skipped.
[[nodiscard]] bool browser_is_there();

class browser {
 public:
  browser();
  ~browser();
  browser(const browser&) = delete;
  browser& operator=(const browser&) = delete;

  /// Both return once the page is loaded.
  void open(const std::string& url);
  void reload();

  /// What the expression gives in the page, awaited when it is a promise. Throws what it throws.
  json evaluate(const std::string& expression);
  std::string text(const std::string& expression) { return evaluate(expression).dump(); }

  /// Waits until the expression gives something that is true, and gives that. What it throws
  /// meanwhile counts as false. Throws after half a minute, with what `otherwise` gives then.
  json until(const std::string& expression,
             const std::string& otherwise = "document.body.innerText");

  /// As a person does it: the events come from the browser, not from a script.
  void click(const std::string& selector);
  /// "a", "/", "Enter", "Tab", "Shift+Tab", "Escape", "ArrowDown", "Home", "PageDown", …
  void press(const std::string& key);
  void type(const std::string& text);

  void resize(int width, int height, double scale = 1);
  /// "light" or "dark".
  void prefer(const std::string& scheme);
  /// A PNG of what is in sight, as base64.
  std::string picture();

  /// What the browser said that no page should make it say: errors of scripts, refusals by the
  /// content security policy.
  [[nodiscard]] const std::string& complaints() const { return complaints_; }

 private:
  json call(const std::string& method, json parameters);
  /// The next message of the browser; what is no answer was noted.
  json next();
  void note(const json& event);
  /// Asks for what loads the page anew, and waits for that.
  void load(const std::string& method, json parameters);

  support::temporary_directory folder_;
  support::process process_;
  std::string session_;
  std::string complaints_;
  int last_id_ = 0;
  int loads_ = 0;  ///< Pages loaded so far.
};

}  // namespace agentpool::tests
