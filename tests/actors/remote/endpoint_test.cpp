#include "agentpool/actors/remote/transport_options.hpp"
#include "support/catch.hpp"

using namespace agentpool::actors::remote;

namespace {

std::string read(const std::string& text) {
  const auto read = parse_endpoint(text);
  return read ? read->host + " " + std::to_string(read->port) : "refused";
}

}  // namespace

TEST_CASE("an endpoint is a host and a port") {
  CHECK(read("10.0.0.5:7000") == "10.0.0.5 7000");
  CHECK(read("node-1.example:1") == "node-1.example 1");
  CHECK(read("[::1]:7000") == "::1 7000");
  CHECK(read("localhost:0") == "localhost 0");
  CHECK(read("localhost:65535") == "localhost 65535");
}

TEST_CASE("what is no endpoint is refused") {
  for (const auto* text : {"", ":", "localhost", ":7000", "localhost:", "localhost:65536",
                           "localhost:-1", "localhost:7a", "localhost: 7", "::1:7000", "[]:7000",
                           "[::1]", "[::1:7000", "a b:7000", "[a:7", "a]:7"})
    CHECK(read(text) == "refused");
}

TEST_CASE("an endpoint's text is read back") {
  for (const auto& each : {endpoint{"10.0.0.5", 7000}, endpoint{"::1", 1}, endpoint{"node", 0}})
    CHECK(*parse_endpoint(to_text(each)) == each);
}
