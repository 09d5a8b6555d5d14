// GET /pools/{pool_id}/events?last=N: the events near the end of a history of any length.
#include <future>
#include <nlohmann/json.hpp>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"
#include "support/catch.hpp"
#include "support/pool_records.hpp"
#include "tools/real_clock.hpp"
#include "tools/serve/front.hpp"
#include "tools/serve/read_routes.hpp"

using namespace agentpool;
using json = nlohmann::ordered_json;

namespace {

class awaited_answer : public tools::http_exchange {
 public:
  void answer(tools::http_response response) override { got.set_value(std::move(response)); }
  std::shared_ptr<tools::http_stream> open(tools::http_response, std::string) override {
    throw std::logic_error("nobody asked for a stream");
  }
  void when_gone(std::function<void()>) override {}
  void end_with(tools::ending&, tools::http_response) override {}

  std::promise<tools::http_response> got;
};

/// A pool of `runs` members, so of one event more, the latest `recent` of them in memory.
struct read_pool {
  std::shared_ptr<const core::clock> clock = std::make_shared<const tools::real_clock>();
  actors::engine engine;
  tools::front gate;

  read_pool(int runs, std::size_t recent)
      : engine{std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>()),
               options(recent)},
        gate{std::make_shared<const tools::service>(
                 tools::service{engine, tools::seats_in_store(engine, clock), clock}),
             {},
             tools::read_routes()} {
    const auto pool = opened();
    for (int i = 0; i < runs; ++i)
      REQUIRE(pool.join({core::run_id{"run." + std::to_string(i)}, core::agent_id{"agent.x"}}));
  }

  actors::pool_handle opened() { return engine.open_pool(core::pool_id{"p"}).value(); }

  static actors::engine_options options(std::size_t recent) {
    actors::engine_options made;
    made.pool_limits.recent_events = recent;
    return made;
  }

  tools::http_response get(const std::string& query) {
    tools::http_request request;
    request.method = "GET";
    REQUIRE(tools::read_target("/pools/p/events?" + query, request));
    const auto exchange = std::make_shared<awaited_answer>();
    gate.handle(request, exchange);
    return exchange->got.get_future().get();
  }

  /// The numbers of the events that are told.
  json told(const std::string& query) {
    const auto answer = get(query);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    const auto page = json::parse(answer.body);
    json numbers = json::array();
    for (const auto& event : page["events"])
      numbers.push_back(std::stoi(event["sequence"].get<std::string>()));
    return numbers;
  }
};

}  // namespace

TEST_CASE("the last events are told without those before") {
  read_pool at{9, 4'096};
  CHECK(at.told("last=3") == json{8, 9, 10});
  CHECK(at.told("last=1") == json::array({10}));
  CHECK(at.told("last=0") == json::array());
  CHECK(at.told("last=10").size() == 10);
  CHECK(at.told("last=1000000").size() == 10);
}

TEST_CASE("of the last events a filter leaves those that it allows") {
  read_pool at{9, 4'096};
  CHECK(at.told("last=3&run_id=run.8,run.2") == json::array({10}));
  CHECK(at.told("last=3&kind=agent_pool_created") == json::array());
}

TEST_CASE("who says after which event to go on is told what comes after it, however many") {
  read_pool at{9, 4'096};
  CHECK(at.told("last=1&after=7") == json{8, 9, 10});
}

TEST_CASE("the last events are told as far as they are in memory") {
  read_pool at{30, 4};
  CHECK(at.told("last=100") == json{28, 29, 30, 31});
  CHECK(at.told("last=2") == json{30, 31});
  CHECK(at.told("after=25").size() == 6);
}

TEST_CASE("a page of events is the first of them, also when many that end something follow") {
  read_pool at{4, 4'096};
  for (int i = 0; i < 6; ++i)
    REQUIRE(at.opened().publish_event(support::stored_event("e." + std::to_string(i), "run.0")));
  CHECK(at.told("limit=3") == json{1, 2, 3});
  json all = json::array();
  for (json page = at.told("limit=3"); !page.empty();
       page = at.told("limit=3&after=" + page.back().dump()))
    all.insert(all.end(), page.begin(), page.end());
  CHECK(all == json{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
}

TEST_CASE("last is a whole number") {
  read_pool at{1, 4'096};
  CHECK(at.get("last=some").status == 400);
  CHECK(at.get("last=-1").status == 400);
}
