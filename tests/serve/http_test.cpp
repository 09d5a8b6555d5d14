// HTTP itself: what is no request is refused and harms nobody, and what is one is answered in
// order.
#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// What the server answers to these bytes, until it closes.
std::string told(const served& server, const std::string& bytes) {
  auto client = server.client();
  client.send_bytes(bytes);
  return client.rest();
}

bool has_status(const std::string& answer, const std::string& status) {
  return answer.rfind("HTTP/1.", 0) == 0 && answer.substr(8, 4) == " " + status;
}

}  // namespace

TEST_CASE("what is no request is refused, and the next one on a new connection is answered") {
  const auto server = served::in_memory();
  const std::string host = "Host: " + server.at().authority() + "\r\n";
  const auto refused = [&](const std::string& bytes, const std::string& status) {
    INFO(bytes.substr(0, 80));
    CHECK(has_status(told(server, bytes), status));
    CHECK(server.ask({"GET", "/healthz"}).status == 200);
  };
  refused("no request at all\r\n\r\n", "400");
  refused(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\xff\xfe\x00", 14), "400");
  refused("GET /healthz HTTP/3.7\r\n" + host + "\r\n", "400");
  refused("GET /healthz HTTP/1.1\r\n\r\n", "400");
  refused("GET /healthz HTTP/1.1\r\n" + host + host + "\r\n", "400");
  refused("GET /healthz HTTP/1.1\r\n" + host + "no colon\r\n\r\n", "400");
  refused("GET ftp://" + server.at().authority() + "/healthz HTTP/1.1\r\n" + host +
              "Connection: close\r\n\r\n",
          "400");
  refused("GET /pools/%zz HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "400");
  refused("GET /pools?%ff=1 HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "400");
  const std::string post = "POST /rpc HTTP/1.1\r\n" + host;
  refused(post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n", "400");
  refused(post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400");
  refused(post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400");
  refused(post + "Content-Length: -1\r\n\r\n", "400");
  refused("GET /healthz HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'x') + "\r\n\r\n",
          "431");
  refused("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n" + host + "\r\n", "431");
}

TEST_CASE(
    "a request whose end two readers may see in two places is refused, and what follows too") {
  const auto server = served::in_memory();
  const std::string host = "Host: " + server.at().authority() + "\r\n";
  const std::string hidden = "GET /healthz HTTP/1.1\r\n" + host + "\r\n";
  const auto refused = [&](const std::string& version, const std::string& codings) {
    INFO(version << ' ' << codings);
    const auto all =
        told(server, "POST /rpc " + version + "\r\n" + host + codings + "\r\n" + hidden);
    CHECK(has_status(all, "400"));
    CHECK(all.find("200 OK") == std::string::npos);
  };
  for (const auto* const coding : {"xchunked", "identity", "gzip, chunked", "chunked, chunked",
                                   "chunked, identity", "chunked;x=y", "\"chunked\"", ""})
    refused("HTTP/1.1", std::string{"Transfer-Encoding: "} + coding + "\r\n");
  refused("HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n");
  refused("HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n");
  refused("HTTP/1.1", "Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n");
  refused("HTTP/1.0", "Transfer-Encoding: chunked\r\n");
}

TEST_CASE(
    "a target in absolute form is served, by its own host, and an empty line before is none") {
  const auto server = served::in_memory();
  auto client = server.client();
  const auto own = "http://" + server.at().authority();
  CHECK(client.ask({"GET", own + "/healthz", {{"Host", "evil.example"}}}).body == "ok\n");
  CHECK(client.ask({"GET", "http://evil.example/healthz"}).status == 403);
  const auto all = client.ask({"OPTIONS", "*"});
  CHECK(all.status == 204);
  CHECK(all.header("allow") == "POST, GET, DELETE");
  client.send_bytes("\r\n");
  CHECK(client.ask({"GET", "/healthz"}).body == "ok\n");
  client.send_bytes("\r\nGET /healthz HTTP/1.1\r\nHost: " + server.at().authority() +
                    "\r\n\r\n\r\n");
  CHECK(client.answer().body == "ok\n");
  CHECK(client.ask({"GET", "/healthz"}).body == "ok\n");
}

TEST_CASE("a header that decides who asks, and for what, stands there once") {
  const auto server = served::in_memory();
  const std::string begin = "GET /healthz HTTP/1.1\r\nHost: " + server.at().authority() + "\r\n";
  for (const std::string name :
       {"Authorization", "Origin", "Agentpool-Session-Token", "Last-Event-ID", "Mcp-Session-Id",
        "MCP-Protocol-Version", "Content-Type", "traceparent", "HOST"}) {
    INFO(name);
    const auto all = told(
        server, begin + name + ": x\r\nAccept: */*\r\n" + name + ": x\r\n\r\n" + begin + "\r\n");
    CHECK(has_status(all, "400"));
    CHECK(all.find("stands there twice") != std::string::npos);
    CHECK(all.find("200 OK") == std::string::npos);
  }
  CHECK(server.ask({"GET", "/healthz", {{"Accept", "a/b"}, {"Accept", "c/d"}}}).status == 200);
}

TEST_CASE("a client of HTTP/1.0 needs no Host and is answered once") {
  const auto server = served::in_memory();
  const auto answer = told(server, "GET /healthz HTTP/1.0\r\n\r\n");
  CHECK(answer.find(" 200 ") != std::string::npos);
  CHECK(answer.find("\r\n\r\nok\n") != std::string::npos);
}

TEST_CASE("requests that come together are answered in their order on one connection") {
  const auto server = served::in_memory();
  const std::string host = "Host: " + server.at().authority() + "\r\n\r\n";
  auto client = server.client();
  std::string all;
  for (int i = 0; i < 50; ++i)
    all.append("GET /pools/pool.")
        .append(std::to_string(i))
        .append("/members HTTP/1.1\r\n")
        .append(host)
        .append("GET /healthz HTTP/1.1\r\n")
        .append(host)
        .append("GET /nowhere HTTP/1.1\r\n")
        .append(host);
  client.send_bytes(all);
  for (int i = 0; i < 50; ++i) {
    const auto first = client.answer();
    CHECK(first.status == 404);
    CHECK(first.body.find("HostConfigurationNeeded") != std::string::npos);
    CHECK(client.answer().body == "ok\n");
    CHECK(client.answer().body.find("nothing is here") != std::string::npos);
  }
}

TEST_CASE("a request may come in single bytes, its body in chunks") {
  const auto server = served::in_memory();
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"list_pools"})";
  const std::string request = "POST /rpc HTTP/1.1\r\nHost: " + server.at().authority() +
                              "\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n" +
                              body.substr(0, 5) + "\r\n" + "29\r\n" + body.substr(5) +
                              "\r\n0\r\nTrailer: x\r\n\r\n";
  REQUIRE(body.size() == 5 + 0x29);
  auto client = server.client();
  for (const char c : request) client.send_bytes(std::string{c});
  CHECK(client.answer().parsed()["result"]["pool_ids"] == json::array());
  CHECK(client.ask({"GET", "/healthz"}).status == 200);
}

TEST_CASE("HEAD answers what GET does, without a body, and leaves the connection good") {
  const auto server = served::in_memory();
  server.open_pool();
  auto client = server.client();
  const auto got = client.ask({"GET", "/pools"});
  const auto head = client.ask({"HEAD", "/pools"});
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == got.header("content-length"));
  CHECK(client.ask({"HEAD", "/pools/pool.a/events", sse}).status == 200);
  CHECK(client.ask({"GET", "/healthz"}).body == "ok\n");
}

TEST_CASE("a client that asks whether to go on is told to, or why not, before its body") {
  const auto server = served::in_memory({"--body-bytes", "2000"});
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"list_pools"})";
  for (const std::string expect : {"100-continue", "100-Continue"}) {
    auto client = server.client();
    const auto head = [&](const std::string& target, std::size_t length) {
      std::string text = "POST " + target;
      text.append(" HTTP/1.1\r\nHost: ").append(server.at().authority());
      text.append("\r\nExpect: ").append(expect).append("\r\nContent-Length: ");
      return text.append(std::to_string(length)).append("\r\n\r\n");
    };
    client.send_bytes(head("/rpc", body.size()));
    CHECK(client.answer().status == 100);
    client.send_bytes(body);
    CHECK(client.answer().parsed().contains("result"));
    client.send_bytes(head("/nowhere", 1'000));
    CHECK(client.answer().status == 404);
    auto large = server.client();
    large.send_bytes(head("/rpc", 2'001));
    CHECK(large.answer().status == 413);
  }
}

TEST_CASE("an address says what it takes") {
  const auto server = served::in_memory();
  const auto wrong = server.ask({"DELETE", "/pools"});
  CHECK(wrong.status == 405);
  CHECK(wrong.header("allow") == "GET");
  CHECK(server.ask({"PUT", "/mcp", {}, "{}"}).header("allow") == "POST, GET, DELETE");
  CHECK(server.ask({"GET", "/nowhere"}).status == 404);
  CHECK(server.ask({"OPTIONS", "/pools"}).header("allow") == "GET");
}

TEST_CASE("a body for an address that there is not is not waited for") {
  const auto server = served::in_memory();
  auto client = server.client();
  client.send_bytes("POST /nowhere HTTP/1.1\r\nHost: " + server.at().authority() +
                    "\r\nContent-Length: 10000000\r\n\r\n");
  CHECK(client.answer().status == 404);
}

TEST_CASE("a client that has sent all and closed its side is answered") {
  const auto server = served::in_memory();
  auto client = server.client();
  client.send({"GET", "/pools"});
  client.close_sending();
  CHECK(client.answer().status == 200);
  CHECK(client.rest().empty());
}
