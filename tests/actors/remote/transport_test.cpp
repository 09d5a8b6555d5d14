#include "actors/remote/remote_node.hpp"

#include <caf/send.hpp>
#include <future>

#include "actors/remote/certificates.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool::testing;
using namespace agentpool::actors::remote;
using agentpool::support::temporary_directory;

TEST_CASE("an actor that is published can be asked from another node") {
  remote_node server;
  remote_node client;
  const auto far = client.dial(server.listen());
  CHECK(client.ask(far, "hello") == "echo: hello");
  CHECK(server.transport->counters().accepted == 1);
  CHECK(client.transport->counters().dialled == 1);
}

TEST_CASE("the same under TLS") {
  const temporary_directory folder;
  const authority ours{folder.path().string(), "ca"};
  remote_node server{{.tls = ours.issue("server")}};
  remote_node client{{.tls = ours.issue("client")}};
  const auto far = client.dial(server.listen());
  CHECK(client.ask(far, "hello") == "echo: hello");
  CHECK(client.ask(far, std::string(1'000'000, 'x')).size() == 1'000'006);
  const auto seen = server.transport->connections();
  REQUIRE(seen.size() == 1);
  CHECK(seen.front().accepted);
}

TEST_CASE("several actors of a node talk to several of another at once") {
  remote_node server;
  remote_node client;
  const auto far = client.dial(server.listen());
  std::vector<std::string> answers(20);
  {
    caf::scoped_actor self{*client.system};
    for (std::size_t i = 0; i < answers.size(); ++i)
      self->request(far, wait_max, std::to_string(i))
          .receive([&](const std::string& said) { answers[i] = said; }, [](const caf::error&) {});
  }
  for (std::size_t i = 0; i < answers.size(); ++i)
    CHECK(answers[i] == "echo: " + std::to_string(i));
}

TEST_CASE("a second connection to the same node is closed, and its actor reached by the first") {
  remote_node server;
  remote_node client;
  const auto port = server.listen();
  const auto first = client.dial(port);
  const auto second = client.dial(port);
  CHECK(first == second);
  CHECK(client.ask(second, "hello") == "echo: hello");
}

TEST_CASE("another actor published later meets those who connect from then on") {
  remote_node server;
  remote_node early;
  remote_node late;
  const auto port = server.listen();
  const auto first = early.dial(port);
  CHECK(early.ask(first, "hello") == "echo: hello");
  const auto another = server.spawn_echo("another");
  caf::anon_send_exit(server.echo, caf::exit_reason::kill);
  CHECK(early.gone(first));
  server.transport->publish(another, {});
  CHECK(late.ask(late.dial(port), "hello") == "another: hello");
  CHECK(early.ask(early.dial(port), "hello") == "another: hello");
  caf::anon_send_exit(another, caf::exit_reason::kill);
}

TEST_CASE("two nodes that dial each other reach each other both ways") {
  remote_node left;
  remote_node right;
  const auto left_port = left.listen();
  const auto right_port = right.listen();
  const auto to_right = left.dial(right_port);
  const auto to_left = right.dial(left_port);
  CHECK(left.ask(to_right, "hello") == "echo: hello");
  CHECK(right.ask(to_left, "hello") == "echo: hello");
}

TEST_CASE("a node that dials itself gets its own actor") {
  remote_node alone;
  const auto own = alone.dial(alone.listen());
  CHECK(own == alone.echo);
  CHECK(alone.ask(own, "hello") == "echo: hello");
}

TEST_CASE("a node that closes its transport is gone for the others at once") {
  remote_node server;
  remote_node client;
  const auto port = server.listen();
  const auto far = client.dial(port);
  CHECK(client.ask(far, "hello") == "echo: hello");
  server.transport->close();
  CHECK(client.gone(far));
  CHECK(client.dial_fault(port).find("cannot connect") != std::string::npos);
}

TEST_CASE("after a connection was lost a new one serves the same nodes") {
  remote_node client;
  remote_node server;
  const auto port = server.listen();
  const auto first = client.dial(port);
  CHECK(client.ask(first, "hello") == "echo: hello");
  for (int i = 0; i < 3; ++i) {
    auto with = std::make_unique<remote_node>();
    const auto far = with->dial(port);
    CHECK(with->ask(far, "hello") == "echo: hello");
  }
  CHECK(client.ask(first, "still here") == "echo: still here");
}

TEST_CASE("what is dialled when the transport is closed is answered") {
  remote_node client;
  std::promise<std::string> before;
  // An address of a network for documentation: nothing answers, not even a refusal.
  remote_node open{{.insecure = true}};
  open.transport->dial({"192.0.2.1", 7'000}, [&](agentpool::core::outcome<caf::actor> found) {
    before.set_value(found ? "" : found.error().message);
  });
  open.transport->close();
  CHECK(!before.get_future().get().empty());
  CHECK(open.dial_fault(7'000) == "the transport was closed");
}

TEST_CASE("what cannot be dialled is said") {
  remote_node client;
  std::uint16_t port = 0;
  {
    remote_node server;
    port = server.listen();
  }
  CHECK(client.dial_fault(port) ==
        "cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
  CHECK(
      client.dial_fault(7'000, "nowhere.invalid").find("cannot connect to nowhere.invalid:7000") ==
      0);
}

TEST_CASE("without TLS only this machine is served and dialled") {
  remote_node node;
  const auto listened = node.transport->listen({"0.0.0.0", 0}, node.echo, {});
  REQUIRE(!listened);
  CHECK(listened.error().message.find("needs TLS") != std::string::npos);
  CHECK(node.dial_fault(7'000, "192.0.2.1").find("needs TLS") != std::string::npos);
  remote_node open{{.insecure = true}};
  CHECK(open.transport->listen({"0.0.0.0", 0}, open.echo, {}).ok());
}

TEST_CASE("a port that is taken is said") {
  remote_node first;
  remote_node second;
  const auto port = first.listen();
  const auto listened = second.transport->listen({"127.0.0.1", port}, second.echo, {});
  REQUIRE(!listened);
  CHECK(listened.error().message ==
        "cannot listen at 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST_CASE("a message beyond the bound is left out, and the connection goes on") {
  auto limits = generous();
  limits.message_bytes_max = 100'000;
  remote_node server{{}, limits};
  remote_node client{{}, limits};
  const auto far = client.dial(server.listen());
  CHECK(client.ask(far, std::string(90'000, 'x')).size() == 90'006);
  (void)logged();
  CHECK(client.ask(far, std::string(100'001, 'x'), 100ms).find("failed") == 0);
  CHECK(client.ask(far, std::string(100'001, 'x'), 100ms).find("failed") == 0);
  CHECK(client.ask(far, "hello") == "echo: hello");
  CHECK(client.transport->counters().frames_omitted == 2);
  const auto lines = logged();
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("a message too large") != std::string::npos);
}

TEST_CASE("types that are not exchanged are not sent") {
  remote_node server;
  remote_node client;
  const auto far = client.dial(server.listen());
  CHECK(client.ask(far, "hello") == "echo: hello");
  caf::anon_send_exit(far, caf::exit_reason::kill);
  CHECK(client.ask(far, "still there?") == "echo: still there?");
  CHECK(client.transport->counters().frames_omitted == 1);
}

TEST_CASE("a peer that is heard of no more is given up") {
  auto limits = generous();
  limits.silence_max = 300ms;
  remote_node server{{}, limits};
  limits.heartbeat = 1h;
  limits.silence_max = 1h;
  remote_node mute{{}, limits};
  const auto far = mute.dial(server.listen());
  CHECK(mute.ask(far, "hello") == "echo: hello");
  CHECK(mute.gone(far));
  CHECK(server.ended(ending::silent) == 1);
}

TEST_CASE("heartbeats keep a connection for longer than the silence that ends it") {
  auto limits = generous();
  limits.silence_max = 400ms;
  remote_node server{{}, limits};
  remote_node client{{}, limits};
  const auto far = client.dial(server.listen());
  caf::scoped_actor self{*client.system};
  self->monitor(far);
  bool lost = false;
  self->receive([&](const caf::down_msg&) { lost = true; }, caf::after(1500ms) >> [] {});
  CHECK(!lost);
  CHECK(client.ask(far, "hello") == "echo: hello");
}
