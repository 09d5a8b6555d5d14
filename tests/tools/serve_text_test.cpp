// What the server reads and writes as text: targets, tokens, traces, seals, event streams.
#include <string>

#include "support/catch.hpp"
#include "tools/base64.hpp"
#include "tools/serve/feed.hpp"
#include "tools/serve/guarded_desk.hpp"
#include "tools/serve/http_message.hpp"
#include "tools/serve/mcp_resources.hpp"
#include "tools/serve/sealed_text.hpp"

namespace {

using namespace agentpool;
using tools::from_base64;
using tools::http_request;
using tools::read_target;
using tools::to_base64;

using texts = std::vector<std::string>;
using pairs = tools::http_fields;

http_request read(std::string_view target) {
  http_request request;
  const auto done = read_target(target, request);
  INFO(target);
  REQUIRE(done.ok());
  CHECK(request.target == target);
  return request;
}

}  // namespace

TEST_CASE("a target is read as the segments of its path and the pairs of its query") {
  CHECK(read("/").path.empty());
  CHECK(read("/pools/a%20b%2Fc/members").path == texts{"pools", "a b/c", "members"});
  CHECK(read("/a+b").path == texts{"a+b"});
  CHECK(read("/a//b/").path == texts{"a", "", "b"});
  CHECK(read("/x?").query.empty());
  CHECK(read("/x?a=1&b&c=&&d=e=f").query == pairs{{"a", "1"}, {"b", ""}, {"c", ""}, {"d", "e=f"}});
  CHECK(read("/x?a+b=c%2Bd%26e").query == pairs{{"a b", "c+d&e"}});
  CHECK(read("/x?q=/y?z").query == pairs{{"q", "/y?z"}});
  CHECK(read("/%C3%A9").path == texts{"\xC3\xA9"});
  const auto twice = read("/x?a=1&a=2");
  CHECK(twice.parameter("a") == "1");
  CHECK_FALSE(twice.parameter("b").has_value());
}

TEST_CASE("a target in absolute form says the host, and OPTIONS may ask about the server itself") {
  const auto read_absolute = [](const std::string& target) {
    http_request request;
    request.headers = {{"host", "other"}, {"accept", "x"}};
    REQUIRE(read_target(target, request).ok());
    CHECK(request.target == target);
    CHECK(request.headers.size() == 2);
    return request;
  };
  const auto full = read_absolute("http://Pools.example:80/pools/a%2Fb?max=3");
  CHECK(full.header("host") == "Pools.example:80");
  CHECK(full.path == texts{"pools", "a/b"});
  CHECK(full.query == pairs{{"max", "3"}});
  CHECK(read_absolute("HTTPS://[::1]").header("host") == "[::1]");
  const auto query = read_absolute("http://x?a=/b");
  CHECK(query.header("host") == "x");
  CHECK(query.path.empty());
  CHECK(query.query == pairs{{"a", "/b"}});
  http_request options;
  options.method = "OPTIONS";
  REQUIRE(read_target("*", options).ok());
  CHECK(options.path.empty());
}

TEST_CASE("a target that is none is refused, and says which part is wrong") {
  http_request request;
  for (const char* const bad : {"", "pools", "*", "ftp://x/pools", "x:80", "http:///pools",
                                "http://", "http://me@x/", "http:/x"})
    CHECK_FALSE(read_target(bad, request).ok());
  for (const char* const bad : {"/%", "/%a", "/%zz", "/a%2", "/%ff", "/%C3", "/%ED%A0%80"}) {
    INFO(bad);
    const auto done = read_target(bad, request);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().message.find("path") != std::string::npos);
  }
  for (const char* const bad : {"/?%", "/?a=%f", "/?%zz=1", "/?a=%ff"}) {
    INFO(bad);
    const auto done = read_target(bad, request);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().message.find("query") != std::string::npos);
  }
}

TEST_CASE("whatever is percent-encoded is read back as it was") {
  std::string all;
  for (int c = 1; c < 128; ++c) all += static_cast<char>(c);
  all += "\xC3\xA9\xE2\x82\xAC";
  CHECK(tools::percent_encoded("aZ09-._~") == "aZ09-._~");
  CHECK(tools::percent_encoded("a b/c") == "a%20b%2Fc");
  CHECK(read("/" + tools::percent_encoded(all)).path == texts{all});
  CHECK(read("/?x=" + tools::percent_encoded(all)).parameter("x") == all);
}

TEST_CASE("a traceparent is what W3C Trace Context says, and nothing else") {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  CHECK(tools::is_traceparent(good));
  CHECK(tools::is_traceparent("01" + good.substr(2)));
  CHECK(tools::traceparent_in(good) == good);
  CHECK(tools::traceparent_in("01" + good.substr(2) + "-more") == "01" + good.substr(2));
  CHECK(tools::traceparent_in("01" + good.substr(2) + "xxx").empty());
  CHECK(tools::traceparent_in(good + "-more").empty());
  const texts bad{"",
                  good.substr(1),
                  good + "-more",
                  "ff" + good.substr(2),
                  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                  "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                  "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"};
  for (const auto& text : bad) {
    INFO(text);
    CHECK_FALSE(tools::is_traceparent(text));
  }
}

TEST_CASE("base64 is that of RFC 4648 with padding, and anything else is none") {
  const std::vector<std::pair<std::string, std::string>> samples{
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {std::string("\x00\xff\xfe", 3), "AP/+"}};
  for (const auto& [bytes, text] : samples) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
  }
  for (const char* const bad :
       {"Zg=", "Zg", "Zm9v\n", "=", "====", "Z===", "Zg==Zg==", "Zm-_", " "}) {
    INFO(bad);
    CHECK_FALSE(from_base64(bad).has_value());
  }
}

TEST_CASE("a sealed text is read by its secret alone, and a changed one by nobody") {
  const std::vector<std::string> samples{{}, "x", std::string(100'000, 'y')};
  for (const auto& text : samples) {
    const auto closed = tools::sealed(text, "secret");
    REQUIRE(closed);
    CHECK(tools::unsealed(*closed, "secret") == text);
    CHECK_FALSE(tools::unsealed(*closed, "other").has_value());
    CHECK(tools::sealed(text, "secret") != closed);
    auto bytes = *from_base64(*closed);
    for (const std::size_t at : {std::size_t{0}, std::size_t{12}, bytes.size() - 1}) {
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
      CHECK_FALSE(tools::unsealed(to_base64(bytes), "secret").has_value());
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
    }
  }
  for (const char* const bad : {"", "x", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    CHECK_FALSE(tools::unsealed(bad, "secret").has_value());
}

TEST_CASE("a message of an event stream has a line for each part that it has") {
  CHECK(tools::sse_message("7", "end", "{}") == "event: end\nid: 7\ndata: {}\n\n");
  CHECK(tools::sse_message({}, {}, "x") == "data: x\n\n");
}

TEST_CASE("a resource is named by its pool, percent-encoded, and what of it") {
  const auto found = tools::resource_at("agentpool://pools/pool%20b%2Fc/timeline");
  REQUIRE(found);
  CHECK(found->pool.text() == "pool b/c");
  CHECK(found->what == tools::mcp_resource::part::timeline);
  for (const char* const bad :
       {"", "agentpool:/", "agentpool://pools/a", "agentpool://pools/a/members/x",
        "agentpool://pools/a/other", "agentpool://pools//members", "agentpool://pools/%00/members",
        "agentpool://pools/a/members?x=1", "agentpool://other/a/members",
        "http://pools/a/members"}) {
    INFO(bad);
    CHECK_FALSE(tools::resource_at(bad).has_value());
  }
}
