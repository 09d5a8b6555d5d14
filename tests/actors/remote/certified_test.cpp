#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <fstream>
#include <mutex>

#include "actors/remote/certificates.hpp"
#include "actors/remote/raw_peer.hpp"
#include "actors/remote/remote_node.hpp"
#include "actors/remote/tls_context.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool::testing;
using namespace agentpool::actors::remote;
using agentpool::support::temporary_directory;

namespace {

/// A node under TLS, and what its members have.
struct guarded {
  guarded() {
    (void)logged();
    port = server.listen();
  }
  temporary_directory folder;
  authority ours{folder.path().string(), "ca"};
  authority theirs{folder.path().string(), "other-ca"};
  remote_node server{{.tls = ours.issue("server")}};
  std::uint16_t port = 0;

  /// A member still gets through, and only this was logged of the one before.
  void check_refused_once(const std::string& address, const std::string& why) {
    remote_node client{{.tls = ours.issue("client")}};
    CHECK(client.ask(client.dial(port), "hello") == "echo: hello");
    const auto lines = logged();
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().find("from " + address + " ended: no TLS handshake") != std::string::npos);
    CHECK(lines.front().find(why) != std::string::npos);
    CHECK(server.ended(ending::tls_refused) == 1);
  }
};

}  // namespace

TEST_CASE("a client without a certificate is refused") {
  guarded at;
  raw_peer stranger{at.port, std::optional<tls_files>{}};
  CHECK(stranger.closed());
  at.check_refused_once(stranger.address(), "peer did not return a certificate");
}

TEST_CASE("a client with another authority's certificate is refused") {
  guarded at;
  raw_peer stranger{at.port, at.theirs.issue("stranger")};
  CHECK(stranger.closed());
  at.check_refused_once(stranger.address(), "unable to get local issuer certificate");
}

TEST_CASE("a client whose certificate has expired is refused") {
  guarded at;
  raw_peer late{at.port, at.ours.issue("late", {.from_days = -10, .until_days = -5})};
  CHECK(late.closed());
  at.check_refused_once(late.address(), "certificate has expired");
}

TEST_CASE("a client whose certificate is not valid yet is refused") {
  guarded at;
  raw_peer early{at.port, at.ours.issue("early", {.from_days = 5, .until_days = 10})};
  CHECK(early.closed());
  at.check_refused_once(early.address(), "certificate is not yet valid");
}

TEST_CASE("a client without TLS is refused") {
  guarded at;
  raw_peer plain{at.port};
  CHECK(plain.send(client_handshakes(node(2))));
  CHECK(plain.closed());
  at.check_refused_once(plain.address(), "");
}

TEST_CASE("a client that wants TLS without certificates is refused") {
  guarded at;
  raw_peer anonymous{at.port, std::nullopt, "aNULL:@SECLEVEL=0"};
  CHECK(!anonymous.secured());
  CHECK(anonymous.closed());
  at.check_refused_once(anonymous.address(), "no shared cipher");
}

TEST_CASE("a client with ciphers that are out of date is refused") {
  guarded at;
  raw_peer old{at.port, at.ours.issue("old"), "AES128-SHA:@SECLEVEL=0"};
  CHECK(!old.secured());
  at.check_refused_once(old.address(), "no shared cipher");
}

TEST_CASE("a dialler learns why TLS was refused") {
  const temporary_directory folder;
  const authority ours{folder.path().string(), "ca"};
  const authority theirs{folder.path().string(), "other-ca"};
  auto limits = generous();
  limits.handshake_max = 500ms;
  remote_node server{{.tls = ours.issue("server")}};
  remote_node plain_server;
  const auto port = server.listen();
  remote_node client{{.tls = ours.issue("client")}};
  remote_node stranger{{.tls = theirs.issue("stranger")}};
  remote_node plain{{}, limits};
  CHECK(has(stranger.dial_fault(port), "certificate"));
  CHECK(has(client.dial_fault(plain_server.listen()), "no TLS handshake"));
  // Both sides wait for the other one to begin.
  CHECK(has(plain.dial_fault(port), "the handshake took too long"));
}

TEST_CASE("a dialler whose certificate the server refuses is told so") {
  const temporary_directory folder;
  const authority ours{folder.path().string(), "ca"};
  const authority theirs{folder.path().string(), "other-ca"};
  remote_node server{{.tls = ours.issue("server")}};
  auto both = theirs.issue("stranger");
  std::ofstream{folder.file("both.pem")} << std::ifstream{folder.file("ca.pem")}.rdbuf()
                                         << std::ifstream{folder.file("other-ca.pem")}.rdbuf();
  both.authority = folder.file("both.pem");
  remote_node stranger{{.tls = both}};
  CHECK(has(stranger.dial_fault(server.listen()), "unknown ca"));
}

TEST_CASE("a server's certificate that names hosts serves under these alone") {
  const temporary_directory folder;
  const authority ours{folder.path().string(), "ca"};
  remote_node named{{.tls = ours.issue("named", {.hosts = {"DNS:localhost"}})}};
  remote_node addressed{{.tls = ours.issue("addressed", {.hosts = {"IP:127.0.0.1"}})}};
  remote_node client{{.tls = ours.issue("client")}};
  const auto named_port = named.listen();
  const auto addressed_port = addressed.listen();
  CHECK(client.dial_fault(named_port, "localhost").empty());
  CHECK(client.dial_fault(addressed_port).empty());
  remote_node another{{.tls = ours.issue("another")}};
  CHECK(another.dial_fault(named_port).find("CN=named is not for 127.0.0.1") != std::string::npos);
  CHECK(another.dial_fault(addressed_port, "localhost").find("is not for localhost") !=
        std::string::npos);
}

TEST_CASE("a member cannot take the name of a node that another member has") {
  guarded at;
  raw_peer honest{at.port, at.ours.issue("honest")};
  (void)honest.greet(node(7));
  CHECK(!honest.frame().empty());  // a heartbeat: its handshake has arrived
  raw_peer thief{at.port, at.ours.issue("thief")};
  (void)thief.greet(node(7));
  CHECK(thief.closed());
  CHECK(at.server.ended(ending::wrong_node) == 1);
  CHECK(honest.send(heartbeat()));
  CHECK(!honest.frame().empty());
}

TEST_CASE("a node that connects anew replaces its old connection") {
  guarded at;
  const auto files = at.ours.issue("returning");
  raw_peer old{at.port, files};
  (void)old.greet(node(7));
  CHECK(!old.frame().empty());
  raw_peer fresh{at.port, files};
  const auto server = fresh.greet(node(7));
  CHECK(old.closed());
  CHECK(at.server.ended(ending::replaced) == 1);
  CHECK(fresh.send(text_message(5, server.published, "hello")));
  for (;;) {
    const auto answer = fresh.frame();
    REQUIRE(!answer.empty());
    if (read_basp_header(answer).dest_actor == 5) break;
  }
}

TEST_CASE("what was reached by a replaced connection has ended before the new one is heard") {
  guarded at;
  std::mutex mutex;
  std::vector<std::string> seen;
  const auto watcher = at.server.system->spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->set_down_handler([&](const caf::down_msg&) {
      const std::lock_guard lock{mutex};
      seen.emplace_back("its end");
    });
    return {[&, self](const std::string& text) {
      self->monitor(caf::actor_cast<caf::actor_addr>(self->current_sender()));
      const std::lock_guard lock{mutex};
      seen.push_back(text);
      return text;
    }};
  });
  at.server.transport->publish(watcher, {});
  const auto files = at.ours.issue("returning");
  const auto say = [](raw_peer& peer, std::uint64_t whom, const std::string& text) {
    peer.send(text_message(5, whom, text));
    for (;;) {
      const auto answer = peer.frame();
      if (answer.empty() || read_basp_header(answer).dest_actor == 5) return !answer.empty();
    }
  };
  std::vector<std::string> expected;
  std::vector<raw_peer> lives;
  for (int i = 0; i < 20; ++i) {
    lives.emplace_back(at.port, files);
    const auto server = lives.back().greet(node(7));
    REQUIRE(say(lives.back(), server.published, std::to_string(i)));
    if (i > 0) expected.emplace_back("its end");
    expected.push_back(std::to_string(i));
  }
  caf::anon_send_exit(watcher, caf::exit_reason::kill);
  const std::lock_guard lock{mutex};
  CHECK(seen == expected);
}

TEST_CASE("files that cannot be used are named") {
  const temporary_directory folder;
  const authority ours{folder.path().string(), "ca"};
  const authority theirs{folder.path().string(), "other-ca"};
  const auto good = ours.issue("good");
  const auto fault = [](const tls_files& files) {
    const auto made = tls_context::make(files);
    return made ? std::string{} : made.error().message;
  };
  CHECK(fault(good).empty());
  auto wrong = good;
  wrong.certificate = folder.file("none.pem");
  CHECK(fault(wrong) ==
        "the certificate " + wrong.certificate + " cannot be read: No such file or directory");
  wrong = good;
  wrong.key = "";
  CHECK(fault(wrong) == "TLS needs a file: the key");
  wrong = good;
  wrong.certificate = good.key;
  CHECK(fault(wrong).find("the certificate " + good.key + " is no PEM certificate") == 0);
  wrong = good;
  wrong.key = good.certificate;
  CHECK(fault(wrong).find("the key " + good.certificate + " is no PEM key") == 0);
  wrong = good;
  wrong.key = ours.issue("other").key;
  CHECK(fault(wrong) ==
        "the key " + wrong.key + " is not that of the certificate " + good.certificate);
  wrong = good;
  wrong.authority = theirs.issue("x").authority;
  CHECK(fault(wrong).find("the certificate " + good.certificate +
                          " is not accepted under the authority " + wrong.authority) == 0);
  CHECK(fault(ours.issue("late", {.from_days = -3, .until_days = -1})).find("has expired") !=
        std::string::npos);
  const authority old{folder.path().string(), "old-ca", {.from_days = -3, .until_days = -1}};
  const auto under_old = old.issue("young");
  CHECK(fault(under_old) ==
        "the authority " + under_old.authority + " is not valid now: certificate has expired");
  wrong = good;
  wrong.authority = good.key;
  CHECK(fault(wrong).find("the authority " + good.key + " is no PEM certificate") == 0);
}
