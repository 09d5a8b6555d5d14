// Waiting in parts: for as long as was asked, and no part longer for somebody who is gone.
#include <vector>

#include "agentpool/core/error.hpp"
#include "support/catch.hpp"
#include "tools/serve/patience.hpp"

namespace {

using namespace agentpool;
using std::chrono::milliseconds;

/// A pool that answers when it is told to, and what became of a wait there.
struct waited {
  std::vector<milliseconds> parts = {};
  actors::callback<core::answer> pending = {};
  std::vector<core::outcome<core::answer>> told = {};
  std::shared_ptr<std::atomic<bool>> gone = std::make_shared<std::atomic<bool>>(false);

  void begin(milliseconds wait) {
    tools::wait_in_parts(
        [this](milliseconds part, actors::callback<core::answer> then) {
          parts.push_back(part);
          pending = std::move(then);
        },
        wait, gone, [this](core::outcome<core::answer> what) { told.push_back(std::move(what)); },
        milliseconds{10});
  }
  void answer(core::outcome<core::answer> what) { std::exchange(pending, {})(std::move(what)); }
};

}  // namespace

TEST_CASE("a wait is as long as it was asked to be, in parts") {
  waited at;
  at.begin(milliseconds{25});
  for (int i = 0; i < 3; ++i) at.answer(core::answer{core::inbox_page{}});
  CHECK(at.parts == std::vector{milliseconds{10}, milliseconds{10}, milliseconds{5}});
  REQUIRE(at.told.size() == 1);
  CHECK(std::get<core::inbox_page>(*at.told.front()).entries.empty());
}

TEST_CASE("what comes, and what goes wrong, ends a wait") {
  waited at;
  at.begin(milliseconds{25});
  core::inbox_page page;
  page.entries.emplace_back();
  at.answer(core::answer{page});
  CHECK(std::get<core::inbox_page>(*at.told.at(0)).entries.size() == 1);
  waited failing;
  failing.begin(milliseconds{25});
  failing.answer(core::overloaded("too much"));
  CHECK_FALSE(failing.told.at(0).ok());
  CHECK(failing.parts.size() == 1);
}

TEST_CASE("for somebody who is gone no further part begins") {
  waited at;
  at.begin(milliseconds{25});
  *at.gone = true;
  at.answer(core::answer{core::wake_report{}});
  CHECK(at.parts.size() == 1);
  CHECK(at.told.size() == 1);
}
