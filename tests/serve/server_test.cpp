// The HTTP server by itself, with a handler of the test's and little patience.
#include <atomic>
#include <future>

#include "http_client.hpp"
#include "support/catch.hpp"
#include "tools/serve/http_server.hpp"
#include "tools/serve/line_feed.hpp"

namespace {

using namespace agentpool;
using tests::http_client;
using tests::milliseconds;

/// Gives every exchange to the test.
class given : public tools::http_handler {
 public:
  std::optional<tools::http_response> refuse(const tools::http_request&) override {
    return std::nullopt;
  }
  std::string whose(const tools::http_request& head) const override {
    return std::string{head.header("authorization").value_or(head.peer)};
  }
  void handle(tools::http_request request,
              std::shared_ptr<tools::http_exchange> exchange) override {
    does(std::move(request), std::move(exchange));
  }
  std::function<void(tools::http_request, std::shared_ptr<tools::http_exchange>)> does;
};

constexpr std::chrono::seconds patience{20};

/// What was promised; throws when it does not come.
template <class T>
T got(std::promise<T>& promised) {
  auto coming = promised.get_future();
  if (coming.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error{"it did not come"};
  return coming.get();
}

struct running {
  explicit running(tools::http_limits limits = {})
      : server{handler, {.limits = limits, .threads = 2}},
        at{tests::server_address::of(*server.start())} {}
  given handler;
  tools::http_server server;
  tests::server_address at;
};

/// A request whose body the server waits for, and does not get.
void owe_body(http_client& client, const std::string& length, const tests::fields& more = {}) {
  std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n" + length + "\r\n";
  for (const auto& [name, value] : more) head.append(name).append(": ").append(value) += "\r\n";
  client.send_bytes(head + "\r\n");
  REQUIRE(client.answer().status == 100);
}

tools::http_limits impatient() {
  tools::http_limits limits;
  limits.write_max = std::chrono::seconds{1};
  limits.idle_max = std::chrono::seconds{1};
  limits.idle_stream = std::chrono::seconds{1};
  return limits;
}

}  // namespace

TEST_CASE("whoever writes to a reader that takes nothing is told when the server closes") {
  running at{impatient()};
  std::promise<bool> told;
  std::promise<void> begun;
  std::shared_ptr<tools::http_stream> out;
  at.handler.does = [&](const auto&, const auto& exchange) {
    out = exchange->open({200, "text/event-stream", {}}, {});
    out->write(std::string(32U << 20U, 'x'), [&](bool taken) { told.set_value(taken); });
    begun.set_value();
  };
  http_client stuck{at.at, true};
  stuck.send({"GET", "/"});
  auto fate = told.get_future();
  REQUIRE(begun.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(fate.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
  at.server.close(milliseconds{0});
  REQUIRE(fate.wait_for(patience) == std::future_status::ready);
  CHECK_FALSE(fate.get());
  CHECK(out->gone());
}

TEST_CASE("a small write that nobody takes ends the connection after its time") {
  running at{impatient()};
  std::promise<void> over;
  at.handler.does = [&](const auto&, const auto& exchange) {
    auto out = exchange->open({200, "text/event-stream", {}}, {});
    const auto more = std::make_shared<std::function<void(bool)>>();
    *more = [&, out, more](bool taken) {
      if (taken) return out->write(std::string(16U << 10U, 'x'), *more);
      over.set_value();
      *more = nullptr;
    };
    (*more)(true);
  };
  http_client stuck{at.at, true};
  stuck.send({"GET", "/"});
  CHECK(over.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(at.server.counts().stuck == 1);
}

TEST_CASE("a quiet stream says that it is there, and an idle connection is closed") {
  auto limits = impatient();
  limits.idle_max = std::chrono::seconds{3};
  running at{limits};
  std::promise<std::shared_ptr<tools::http_stream>> opened;
  at.handler.does = [&](const auto&, const auto& exchange) {
    opened.set_value(exchange->open({200, "text/event-stream", ": connected\n\n"}, ": \n\n"));
  };
  http_client reader{at.at};
  reader.send({"GET", "/", {{"Connection", "close"}}});
  const auto out = got(opened);
  http_client idle{at.at};
  CHECK(idle.rest().empty());
  // The idle connection's seconds have passed, and so has the stream's one.
  out->end("data: last\n\n");
  const auto all = reader.rest();
  const auto connected = all.find(": connected\n\n");
  const auto quiet = all.find(": \n\n");
  const auto last = all.find("data: last\n\n");
  CHECK(connected < quiet);
  CHECK(quiet < last);
  CHECK(last != std::string::npos);
}

TEST_CASE("an exchange that is let go without an answer answers that something failed") {
  running at;
  at.handler.does = [](const auto&, const auto&) {};
  CHECK(http_client{at.at}.ask({"GET", "/"}).status == 500);
}

TEST_CASE(
    "a handler that throws fails its own request, also one kept elsewhere, and no other one") {
  running at;
  std::shared_ptr<tools::http_exchange> kept;
  at.handler.does = [&](const auto& request, const auto& exchange) {
    if (request.target == "/good") return exchange->answer({200, "text/plain", "good"});
    kept = exchange;
    if (request.target == "/number") throw 3;
    throw std::runtime_error{"bad"};
  };
  http_client client{at.at};
  for (const auto* const target : {"/bad", "/number"}) {
    CHECK(client.ask({"GET", target}).status == 500);
    CHECK(client.ask({"GET", "/good"}).body == "good");
  }
}

TEST_CASE("only the first answer counts, and late ones go nowhere") {
  running at;
  std::shared_ptr<tools::http_exchange> late;
  at.handler.does = [&](const auto& request, const auto& exchange) {
    if (request.target == "/first") {
      exchange->answer({200, "text/plain", "one"});
      exchange->answer({200, "text/plain", "two"});
      late = exchange;
      return;
    }
    late->answer({200, "text/plain", "late"});
    static_cast<void>(late->open({200, "text/plain", "late"}, {}));
    bool told = false;
    late->when_gone([&] { told = true; });
    exchange->answer({200, "text/plain", told ? "own, told" : "own"});
  };
  http_client client{at.at};
  CHECK(client.ask({"GET", "/first"}).body == "one");
  CHECK(client.ask({"GET", "/second"}).body == "own, told");
}

TEST_CASE("who is gone before its answer is told, once, also when it only half closed") {
  running at;
  std::atomic<int> gone{0};
  std::promise<void> first;
  std::promise<std::shared_ptr<tools::http_exchange>> asked;
  at.handler.does = [&](const auto&, const auto& exchange) {
    exchange->when_gone([&] {
      if (++gone == 1) first.set_value();
    });
    asked.set_value(exchange);
  };
  http_client client{at.at};
  client.send({"GET", "/"});
  const auto exchange = got(asked);
  CHECK(gone == 0);
  client.close_sending();
  REQUIRE(first.get_future().wait_for(patience) == std::future_status::ready);
  exchange->answer({200, "text/plain", "still"});
  CHECK(client.answer().body == "still");
  CHECK(client.rest().empty());
  CHECK(gone == 1);
}

TEST_CASE("what is being answered when the server closes is finished, and nothing else begins") {
  running at;
  std::promise<std::shared_ptr<tools::http_exchange>> asked;
  at.handler.does = [&](const auto&, const auto& exchange) { asked.set_value(exchange); };
  http_client client{at.at};
  http_client idle{at.at};
  client.send({"GET", "/"});
  const auto exchange = got(asked);
  auto closing = std::async(std::launch::async, [&] { at.server.close(std::chrono::seconds{20}); });
  CHECK(idle.rest().empty());
  exchange->answer({200, "text/plain", "done"});
  const auto answer = client.answer();
  CHECK(answer.body == "done");
  CHECK(answer.header("connection") == "close");
  closing.get();
  // After the threads have ended.
  exchange->answer({200, "text/plain", "late"});
  exchange->when_gone([] {});
}

TEST_CASE("when the server closes, who owes a body is cut at once: nothing came of the request") {
  running at;
  http_client slow{at.at};
  owe_body(slow, "Content-Length: 10");
  slow.send_bytes("0");
  auto closing = std::async(std::launch::async, [&] { at.server.close(3 * patience); });
  CHECK(slow.rest(patience).empty());
  closing.get();
}

TEST_CASE("a body that is announced and does not come takes no room from those that do") {
  running at;
  at.handler.does = [](const auto& request, const auto& exchange) {
    exchange->answer({200, "text/plain", request.body});
  };
  std::vector<http_client> owing;
  for (int i = 0; i < 40; ++i) {
    owing.emplace_back(at.at);
    owe_body(owing.back(), i % 2 == 0 ? "Content-Length: 16777216" : "Transfer-Encoding: chunked");
  }
  const std::string body(1U << 20U, 'x');
  CHECK(http_client{at.at}.ask({"POST", "/", {}, body}).body == body);
}

TEST_CASE("bodies have room until they are answered, and one caller has half of it") {
  tools::http_limits limits;
  limits.body_bytes_max = 1'000;
  limits.bodies_bytes_max = 4'000;
  running at{limits};
  std::vector<std::shared_ptr<tools::http_exchange>> kept;
  std::promise<void> taken;
  at.handler.does = [&](const auto& request, const auto& exchange) {
    if (request.target != "/kept") return exchange->answer({200, "text/plain", request.body});
    kept.push_back(exchange);
    taken.set_value();
  };
  const tests::fields one{{"Authorization", "Bearer one"}};
  const std::string body(1'000, 'x');
  std::vector<http_client> clients;
  for (int i = 0; i < 2; ++i) {
    taken = {};
    auto is_taken = taken.get_future();
    clients.emplace_back(at.at), clients.back().send({"POST", "/kept", one, body});
    REQUIRE(is_taken.wait_for(patience) == std::future_status::ready);
  }
  http_client client{at.at};
  const auto refused = client.ask({"POST", "/", one, "x"});
  CHECK(refused.status == 503);
  CHECK(refused.header("retry-after") == "1");
  CHECK(client.rest().empty());
  CHECK(http_client{at.at}.ask({"POST", "/", {}, body}).status == 200);
  kept.front()->answer({200, "text/plain", "done"});
  CHECK(clients.front().answer().body == "done");
  CHECK(http_client{at.at}.ask({"POST", "/", one, "x"}).status == 200);
  CHECK(at.server.counts().refused == 1);
}

TEST_CASE("there is room for a body as large as one may be, whatever there is for all") {
  tools::http_limits limits;
  limits.body_bytes_max = 1U << 20U;
  limits.bodies_bytes_max = 1'000;
  running at{limits};
  at.handler.does = [](const auto& request, const auto& exchange) {
    exchange->answer({200, "text/plain", request.body});
  };
  const std::string body(1U << 20U, 'x');
  CHECK(http_client{at.at}.ask({"POST", "/", {}, body}).body == body);
}

TEST_CASE("who owes a body gives way to others, as idle ones do") {
  tools::http_limits limits;
  limits.connections_max = 2;
  running at{limits};
  at.handler.does = [](const auto&, const auto& exchange) {
    exchange->answer({200, "text/plain", "answered"});
  };
  http_client first{at.at};
  owe_body(first, "Content-Length: 10");
  http_client second{at.at};
  owe_body(second, "Content-Length: 10");
  http_client third{at.at};
  CHECK(third.ask({"GET", "/"}).body == "answered");
  CHECK(first.rest().empty());
  second.send_bytes("0123456789");
  CHECK(second.answer().body == "answered");
}

TEST_CASE("methods that take no body are refused one before it comes") {
  running at;
  at.handler.does = [](const auto&, const auto& exchange) {
    exchange->answer({200, "text/plain", "answered"});
  };
  for (const std::string method : {"GET", "DELETE", "OPTIONS"})
    for (const auto* const length : {"Content-Length: 16777216", "Transfer-Encoding: chunked"}) {
      INFO(method << ' ' << length);
      http_client client{at.at};
      client.send_bytes(method + " / HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n");
      CHECK(client.answer().status == 413);
      CHECK(client.rest().empty());
    }
  http_client head{at.at};
  head.send_bytes("HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
  CHECK(head.answer(true).status == 413);
  CHECK(http_client{at.at}.ask({"GET", "/", {{"Content-Length", "0"}}}).status == 200);
}

TEST_CASE("a feed whose reader lets too many messages wait is over") {
  running at{impatient()};
  std::promise<std::shared_ptr<tools::line_feed>> made;
  at.handler.does = [&](const auto&, const auto& exchange) {
    made.set_value(
        std::make_shared<tools::line_feed>(exchange->open(tools::message_stream_head(), ": \n\n")));
  };
  http_client stuck{at.at, true};
  stuck.send({"GET", "/"});
  const auto feed = got(made);
  const std::string line(64U << 10U, 'x');
  int told = 0;
  while (feed->tell(line)) REQUIRE(++told < 100'000);
  CHECK(told >= static_cast<int>(tools::line_feed::lines_max));
  CHECK(feed->over());
  CHECK_FALSE(feed->tell("more"));
}

TEST_CASE("what a feed is told before it begins, its end too, comes as it begins") {
  running at;
  at.handler.does = [&](const auto& request, const auto& exchange) {
    const auto feed = std::make_shared<tools::line_feed>();
    CHECK(feed->tell("one"));
    if (request.target == "/over") feed->end("two");
    CHECK(feed->over() == (request.target == "/over"));
    feed->begin(exchange->open(tools::message_stream_head(), ""));
    if (request.target != "/over") feed->end("two");
  };
  for (const std::string target : {"/over", "/"}) {
    http_client client{at.at};
    CHECK(client.open_stream({"GET", target}).status == 200);
    CHECK(client.event().value().data == "one");
    CHECK(client.event().value().data == "two");
    CHECK_FALSE(client.event().has_value());
  }
}
