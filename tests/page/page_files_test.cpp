// The page's files, as the server hands them out. No browser needed.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.hpp"
#include "support/environment.hpp"
#include "tools/serve/front.hpp"
#include "tools/serve/page_files.hpp"
#include "tools/serve/page_routes.hpp"

using namespace agentpool;

namespace {

class kept_answer : public tools::http_exchange {
 public:
  void answer(tools::http_response response) override { got = std::move(response); }
  std::shared_ptr<tools::http_stream> open(tools::http_response, std::string) override {
    throw std::logic_error("a file is no stream");
  }
  void when_gone(std::function<void()>) override {}
  void end_with(tools::ending&, tools::http_response) override {}

  std::optional<tools::http_response> got;
};

tools::http_request get(const std::string& target, tools::http_fields headers = {}) {
  tools::http_request request;
  request.method = "GET";
  REQUIRE(tools::read_target(target, request));
  request.headers = std::move(headers);
  return request;
}

/// A server's front that has nothing but the page, and lets nobody in without a token.
struct strict_front {
  tools::front gate;

  strict_front() : gate{nullptr, options(), tools::page_routes()} {}

  static tools::front_options options() {
    tools::front_options made;
    made.tokens = std::make_shared<tools::token_book>("no file");
    return made;
  }

  tools::http_response answer(const tools::http_request& request) {
    if (auto refusal = gate.refuse(request)) return *refusal;
    const auto exchange = std::make_shared<kept_answer>();
    gate.handle(request, exchange);
    REQUIRE(exchange->got);
    return *exchange->got;
  }
};

std::string header(const tools::http_response& response, std::string_view name) {
  for (const auto& [each, value] : response.headers)
    if (each == name) return value;
  return "(none)";
}

}  // namespace

TEST_CASE("the program carries the bytes of the page's files") {
  const auto folder = support::source_directory() / "tools/serve/page";
  std::set<std::string> carried;
  for (const auto& file : tools::page_files()) {
    INFO(file.name);
    std::ifstream in{folder / file.name, std::ios::binary};
    std::ostringstream bytes;
    bytes << in.rdbuf();
    CHECK(bytes.str() == file.bytes);
    carried.emplace(file.name);
  }
  std::set<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    there.insert(entry.path().filename().string());
  CHECK(carried == there);
  CHECK(there.count("page.html") == 1);
}

TEST_CASE("the page's files are served to whoever comes, each as what it is") {
  strict_front at;
  CHECK(at.answer(get("/pools")).status == 404);
  for (const auto& file : tools::page_files()) {
    INFO(file.name);
    const auto got = at.answer(get(file.name == "page.html" ? "/" : "/" + std::string{file.name}));
    CHECK(got.status == 200);
    CHECK(got.body == file.bytes);
    const auto type = got.content_type.substr(0, got.content_type.find(';'));
    const auto ending = std::filesystem::path{file.name}.extension();
    CHECK(type == (ending == ".html"  ? "text/html"
                   : ending == ".css" ? "text/css"
                   : ending == ".svg" ? "image/svg+xml"
                                      : "text/javascript"));
    CHECK(header(got, "Cache-Control") == "no-cache");
    CHECK(header(got, "X-Content-Type-Options") == "nosniff");
  }
}

TEST_CASE("a page that did not change is not sent again") {
  strict_front at;
  const auto first = at.answer(get("/page.js"));
  const auto etag = header(first, "ETag");
  CHECK(etag.size() == 66);
  CHECK(at.answer(get("/page.css")).headers.front().second != etag);
  for (const auto& known : {etag, "W/" + etag, "\"other\", " + etag, std::string{"*"}}) {
    INFO(known);
    const auto again = at.answer(get("/page.js", {{"if-none-match", known}}));
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(header(again, "ETag") == etag);
  }
  CHECK(at.answer(get("/page.js", {{"if-none-match", "\"other\""}})).status == 200);
}

TEST_CASE("the page may load nothing from elsewhere and run nothing inline") {
  strict_front at;
  const auto page = at.answer(get("/"));
  const auto policy = header(page, "Content-Security-Policy");
  CHECK(policy.find("default-src 'none'; script-src 'self'; style-src 'self';") == 0);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("http") == std::string::npos);
  for (const auto& file : tools::page_files()) {
    INFO(file.name);
    for (const auto* word : {"http://", "https://", "innerHTML", "insertAdjacentHTML", "eval("})
      if (file.name.ends_with(".js") || file.name.ends_with(".html") || word[0] == 'h')
        CHECK((file.name.ends_with(".svg") || file.bytes.find(word) == std::string_view::npos));
  }
}
