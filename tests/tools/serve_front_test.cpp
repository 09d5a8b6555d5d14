// Who is let in, by a front without a network: an exchange that keeps what it is answered.
#include "agentpool/core/digest.hpp"
#include "agentpool/stores/memory.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tools/real_clock.hpp"
#include "tools/serve/front.hpp"

namespace {

using namespace agentpool;
using tools::http_request;
using tools::http_response;

/// Keeps the first answer.
class kept_exchange : public tools::http_exchange {
 public:
  void answer(http_response response) override {
    if (!got) got = std::move(response);
  }
  std::shared_ptr<tools::http_stream> open(http_response response, std::string) override {
    answer(std::move(response));
    return nullptr;
  }
  void when_gone(std::function<void()>) override {}
  void end_with(tools::ending&, http_response) override {}

  std::optional<http_response> got;
};

http_request request(const std::string& method, const std::string& target,
                     tools::http_fields headers = {{"host", "localhost:80"}}) {
  http_request made;
  made.method = method;
  made.headers = std::move(headers);
  made.peer = "127.0.0.1";
  if (!tools::read_target(target, made)) throw std::runtime_error{"no target: " + target};
  return made;
}

std::string header(const http_response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

/// A front with an address that is guarded and one that is open.
struct fronted {
  explicit fronted(tools::front_options options)
      : gate{all,
             std::move(options),
             {{"GET", "/things/{id}", false,
               [this](tools::front&, const tools::route_call& call) {
                 asked = call.desk->shown();
                 id = call.path.at("id");
                 call.exchange->answer({200, "text/plain", "thing"});
               }},
              {"POST", "/things/{id}", false, [](tools::front&, const tools::route_call&) {}},
              {"GET", "/open", true, [](tools::front&, const tools::route_call& call) {
                 call.exchange->answer({200, "text/plain", "open"});
               }}}} {}

  /// The status that a request gets, refused or handled.
  unsigned status(const http_request& what) { return answer(what).status; }
  http_response answer(const http_request& what) {
    if (auto refused = gate.refuse(what)) return *std::move(refused);
    const auto exchange = std::make_shared<kept_exchange>();
    gate.handle(what, exchange);
    return exchange->got.value();
  }

  actors::engine engine{
      std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>())};
  std::shared_ptr<const core::clock> clock = std::make_shared<tools::real_clock>();
  std::shared_ptr<const tools::service> all = std::make_shared<tools::service>(
      tools::service{engine, tools::seats_in_store(engine, clock), clock});
  tools::credentials asked;
  std::string id;
  tools::front gate;
};

/// A server that knows one token, "x".
tools::front_options with_token_of_ada(const support::temporary_directory& folder) {
  const auto file = folder.file("tokens");
  REQUIRE(
      tools::write_tokens(file, {{"ada", core::sha256_hex("x"), {tools::caller_role::observe}, {}}})
          .ok());
  tools::front_options options;
  options.tokens = std::make_shared<tools::token_book>(file);
  REQUIRE(options.tokens->load().ok());
  return options;
}

}  // namespace

TEST_CASE("a request goes to the route of its address and method") {
  fronted at{{}};
  CHECK(at.status(request("GET", "/things/a%2Fb")) == 200);
  CHECK(at.id == "a/b");
  CHECK(at.asked.who.name == "anonymous");
  CHECK_FALSE(at.asked.who.proven);
  CHECK(at.status(request("GET", "/things")) == 404);
  CHECK(at.status(request("GET", "/things/a/b")) == 404);
  const auto wrong = at.answer(request("DELETE", "/things/a"));
  CHECK(wrong.status == 405);
  CHECK(header(wrong, "Allow") == "GET, POST");
  const auto asked = at.answer(request("OPTIONS", "/things/a"));
  CHECK(asked.status == 204);
  CHECK(header(asked, "Allow") == "GET, POST");
}

TEST_CASE("an address that there is not is told before a body is read") {
  fronted at{{}};
  CHECK(at.gate.refuse(request("POST", "/nothing"))->status == 404);
  CHECK(at.gate.refuse(request("POST", "/open"))->status == 405);
  CHECK(at.gate.refuse(request("OPTIONS", "/open"))->status == 204);
  CHECK_FALSE(at.gate.refuse(request("POST", "/things/a")).has_value());
}

TEST_CASE("on loopback a request names the loopback, or a name that was said") {
  tools::front_options options;
  options.hosts = {"Pools.Example"};
  fronted at{options};
  const auto status = [&](const std::string& host) {
    return at.status(request("GET", "/open", {{"host", host}}));
  };
  for (const char* const good : {"localhost", "LOCALHOST:1", "127.0.0.1:80", "127.7.7.7", "[::1]",
                                 "[::1]:80", "pools.example:9", "POOLS.example"}) {
    INFO(good);
    CHECK(status(good) == 200);
  }
  for (const char* const bad :
       {"evil.example", "localhost.evil.example", "127.evil.example", "127.0.0.1.evil.example",
        "[::2]", "0.0.0.0", "example", "x@localhost"}) {
    INFO(bad);
    CHECK(status(bad) == 403);
  }
  options.loopback = false;
  fronted anywhere{options};
  CHECK(anywhere.status(request("GET", "/open", {{"host", "evil.example"}})) == 200);
}

TEST_CASE("pages of this server and of allowed origins ask, other pages do not") {
  tools::front_options options;
  options.origins = {"https://ok.example"};
  fronted at{options};
  const auto status = [&](const std::string& origin) {
    return at.status(request("GET", "/open", {{"host", "localhost:80"}, {"origin", origin}}));
  };
  CHECK(status("http://localhost:80") == 200);
  CHECK(status("https://ok.example") == 200);
  for (const char* const bad : {"", "null", "http://localhost:81", "http://localhost",
                                "https://ok.example:8", "http://ok.example", "localhost:80"}) {
    INFO(bad);
    CHECK(status(bad) == 403);
  }
  const auto answer = at.answer(
      request("GET", "/open", {{"host", "localhost:80"}, {"origin", "https://ok.example"}}));
  CHECK(header(answer, "Access-Control-Allow-Origin") == "https://ok.example");
  const auto refused = at.answer(
      request("GET", "/nothing", {{"host", "localhost:80"}, {"origin", "https://ok.example"}}));
  CHECK(refused.status == 404);
  CHECK(header(refused, "Access-Control-Allow-Origin") == "https://ok.example");
}

TEST_CASE("what a page of another site has a browser load is refused, a link is followed") {
  fronted at{{}};
  const auto status = [&](const std::string& site, const std::string& mode,
                          const std::string& dest) {
    return at.status(request("GET", "/things/a",
                             {{"host", "localhost:80"},
                              {"sec-fetch-site", site},
                              {"sec-fetch-mode", mode},
                              {"sec-fetch-dest", dest}}));
  };
  CHECK(status("cross-site", "no-cors", "image") == 403);
  CHECK(status("same-site", "no-cors", "script") == 403);
  CHECK(status("cross-site", "navigate", "iframe") == 403);
  CHECK(status("cross-site", "navigate", "document") == 200);
  CHECK(status("same-origin", "cors", "empty") == 200);
  CHECK(status("none", "navigate", "document") == 200);
}

TEST_CASE("with tokens only open addresses are for everybody") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens");
  REQUIRE(
      tools::write_tokens(file, {{"ada", core::sha256_hex("x"), {tools::caller_role::observe}, {}}})
          .ok());
  tools::front_options options;
  options.tokens = std::make_shared<tools::token_book>(file);
  REQUIRE(options.tokens->load().ok());
  fronted at{options};
  const auto status = [&](const std::string& target, const std::string& shown) {
    tools::http_fields headers{{"host", "localhost"}};
    if (!shown.empty()) headers.emplace_back("authorization", shown);
    return at.status(request("GET", target, headers));
  };
  CHECK(status("/things/a", "Bearer x") == 200);
  CHECK(at.asked.who.name == "ada");
  CHECK(at.asked.who.proven);
  CHECK(status("/things/a", "bEARER x") == 200);
  for (const char* const bad : {"", "x", "Bearer", "Bearer ", "Bearer y", "Bearer  x", "Bearerx",
                                "Bearer\tx", "Basic x", "Bearer x y"}) {
    INFO(bad);
    CHECK(status("/things/a", bad) == 401);
    CHECK(status("/open", bad) == 200);
  }
}

TEST_CASE("a caller has a second's requests at once, and no more") {
  tools::front_options options;
  options.rate = 3;
  fronted at{options};
  int answered = 0;
  unsigned last = 0;
  for (int i = 0; i < 10; ++i) {
    last = at.status(request("GET", "/open"));
    answered += last == 200 ? 1 : 0;
  }
  CHECK(last == 429);
  CHECK(answered >= 3);
  CHECK(answered < 6);
  auto other = request("GET", "/open");
  other.peer = "127.0.0.2";
  CHECK(at.status(other) == 200);
  options.rate = 0;
  fronted any{options};
  for (int i = 0; i < 1'000; ++i) REQUIRE(any.status(request("GET", "/open")) == 200);
}

TEST_CASE("who is refused has its requests counted, too, by its address") {
  const support::temporary_directory folder;
  auto options = with_token_of_ada(folder);
  options.rate = 5;
  fronted at{options};
  for (int i = 0; i < 5; ++i) CHECK(at.status(request("GET", "/things/a")) == 401);
  CHECK(at.status(request("GET", "/things/a")) == 429);
  CHECK(at.status(request("GET", "/nothing")) == 429);
  CHECK(at.status(request("GET", "/things/a",
                          {{"host", "localhost:80"}, {"authorization", "Bearer x"}})) == 200);
}

TEST_CASE("a caller is one however it writes its token, and an address whatever it shows") {
  const support::temporary_directory folder;
  auto options = with_token_of_ada(folder);
  const auto whose = [](const fronted& at, const std::string& shown) {
    return at.gate.whose(
        request("POST", "/things/a", {{"host", "localhost"}, {"authorization", shown}}));
  };
  const fronted at{options};
  CHECK(whose(at, "Bearer x") == "token ada");
  CHECK(whose(at, "bEARER x") == "token ada");
  CHECK(whose(at, "Bearer of nobody") == "address 127.0.0.1");
  const fronted open{{}};
  CHECK(whose(open, "Bearer x") == "address 127.0.0.1");
  CHECK(whose(open, "Bearer y") == "address 127.0.0.1");
}

TEST_CASE("places are given back when the last one lets go") {
  tools::front_options options;
  options.streams_max = 2;
  fronted at{options};
  auto first = at.gate.stream_room();
  const auto second = at.gate.stream_room();
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(at.gate.stream_room());
  auto copy = first;
  first.reset();
  CHECK_FALSE(at.gate.stream_room());
  copy.reset();
  CHECK(at.gate.stream_room());
}

TEST_CASE("who waits is told once that the server ends, and late ones at once") {
  auto at = std::make_unique<fronted>(tools::front_options{});
  int told = 0;
  int dropped = 0;
  auto kept = at->gate.when_ending([&] { ++told; });
  at->gate.when_ending([&] { ++dropped; }).reset();
  at->gate.begin_ending();
  CHECK(told == 1);
  CHECK(dropped == 0);
  CHECK(at->gate.ending());
  const auto late = at->gate.when_ending([&] { ++told; });
  CHECK(told == 2);
  CHECK(at->status(request("GET", "/open")) == 503);
  // An answer of the engine may let go when the front is no more.
  at.reset();
  kept.reset();
}
