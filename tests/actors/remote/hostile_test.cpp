#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "actors/remote/certificates.hpp"
#include "actors/remote/raw_peer.hpp"
#include "actors/remote/remote_node.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool::testing;
using namespace agentpool::actors::remote;
using agentpool::support::temporary_directory;

namespace {

/// A node with an honest client, plain or under TLS, and attackers on the same terms.
struct besieged {
  explicit besieged(bool under_tls, transport_limits limits = generous())
      : tls{under_tls},
        server{under_tls ? transport_security{.tls = ours.issue("server")} : transport_security{},
               limits},
        client{under_tls ? transport_security{.tls = ours.issue("client")} : transport_security{}} {
    (void)logged();
    port = server.listen();
    far = client.dial(port);
    CHECK(client.ask(far, "before") == "echo: before");
  }

  bool tls;
  temporary_directory folder;
  authority ours{folder.path().string(), "ca"};
  remote_node server;
  remote_node client;
  std::uint16_t port = 0;
  caf::actor far;
  tls_files attacker_files = ours.issue("attacker");

  raw_peer attacker() { return tls ? raw_peer{port, attacker_files} : raw_peer{port}; }

  void check_unharmed() { CHECK(client.ask(far, "after") == "echo: after"); }

  /// That attacker is shut out for this reason, with one line in the log, and nobody else is.
  void check_shut_out(raw_peer& attacker, ending why) {
    CHECK(attacker.closed());
    CHECK(server.ended(why) == 1);
    const auto lines = logged();
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().find(attacker.address()) != std::string::npos);
    CHECK(lines.front().find(std::string{to_text(why)}) != std::string::npos);
    check_unharmed();
  }
};

/// Far below the four gigabytes that a length may claim; sanitizers keep freed memory for a while.
constexpr std::uint64_t memory_slack = 512U << 20U;

std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  statm >> all >> resident;
  return resident * 4'096;
}

std::chrono::microseconds processor_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

}  // namespace

TEST_CASE("the handshake header that ends CAF's process ends a connection") {
  for (const auto tls : {false, true}) {
    besieged at{tls};
    auto attacker = at.attacker();
    CHECK(attacker.send(header({.operation = 1}, 0) + bytes(8)));
    at.check_shut_out(attacker, ending::malformed);
  }
}

TEST_CASE("a size of four gigabytes costs a connection and no memory") {
  for (const auto tls : {false, true}) {
    besieged at{tls};
    const auto before = resident_bytes();
    auto attacker = at.attacker();
    (void)attacker.greet(node(9));
    CHECK(attacker.send(header({.operation = 2, .dest = 1}, 0xFFFFFFFF) + bytes(1'000)));
    at.check_shut_out(attacker, ending::too_large);
    CHECK(resident_bytes() < before + memory_slack);
  }
}

TEST_CASE("a member cannot end the published actor") {
  for (const auto tls : {false, true}) {
    besieged at{tls};
    auto attacker = at.attacker();
    const auto server = attacker.greet(node(9));
    const auto kill = writer{}
                          .number(server.published, 8)
                          .node(server.node)
                          .number(5, 1)
                          .number(0xfabdbb9, 8)
                          .raw(content(""))
                          .out;
    CHECK(attacker.send(message(0, server.published, content("@exit", kill))));
    at.check_shut_out(attacker, ending::type_refused);
  }
}

TEST_CASE("a member cannot end the published actor by an error") {
  besieged at{true};
  auto attacker = at.attacker();
  const auto server = attacker.greet(node(9));
  CHECK(attacker.send(message(5, server.published, content("@error", error("")))));
  at.check_shut_out(attacker, ending::type_refused);
}

TEST_CASE("a member cannot reach an actor by guessing its number") {
  for (const auto tls : {false, true}) {
    besieged at{tls};
    auto attacker = at.attacker();
    const auto server = attacker.greet(node(9));
    CHECK(attacker.send(text_message(5, server.published - 1, "hello")));
    at.check_shut_out(attacker, ending::stranger_addressed);
  }
}

TEST_CASE("a member cannot reach the spawn server") {
  besieged at{true};
  auto attacker = at.attacker();
  (void)attacker.greet(node(9));
  CHECK(attacker.send(frame({.operation = 2, .flags = 1, .dest = 278614525059968507},
                            writer{}.number(0, 1).raw(content("@str")).out)));
  at.check_shut_out(attacker, ending::named);
}

namespace {

bytes noise(std::mt19937_64& chance) {
  bytes all(1 + chance() % 2'000);
  for (auto& each : all) each = static_cast<std::byte>(chance());
  return all;
}

/// Frames that a member sends, a few of their bytes changed.
bytes spoilt_frames(std::uint64_t published, std::mt19937_64& chance) {
  bytes all;
  for (int i = 0; i < 20; ++i)
    all = all + text_message(5, published, "hello") +
          response(6, published, content("@error", error("@str", writer{}.text("x").out)));
  for (int i = 0; i < 5; ++i)
    all[chance() % all.size()] ^= static_cast<std::byte>(1 + chance() % 255);
  return all;
}

/// One attacker: a third knows nothing of TLS where there is TLS, a third sends noise as a member
/// does, a third spoils frames.
void attack(besieged& at, std::uint64_t round, std::mt19937_64& chance) {
  if (round % 3 == 0) {
    raw_peer stranger{at.port};
    stranger.send(noise(chance));
    return;
  }
  auto attacker = at.attacker();
  if (round % 3 == 1) {
    attacker.send(noise(chance));
    return;
  }
  const auto server = attacker.greet(node(static_cast<std::uint8_t>(100 + round % 100)));
  attacker.send(spoilt_frames(server.published, chance));
}

/// 40 rounds, or as many as the seconds of AGENTPOOL_NOISE_SECONDS have.
class siege_length {
 public:
  [[nodiscard]] bool goes_on(std::uint64_t round) const {
    return seconds_ == nullptr ? round < 40 : std::chrono::steady_clock::now() < until_;
  }

 private:
  const char* seconds_ = std::getenv("AGENTPOOL_NOISE_SECONDS");
  std::chrono::steady_clock::time_point until_ =
      std::chrono::steady_clock::now() +
      std::chrono::seconds{seconds_ == nullptr ? 0 : std::atoi(seconds_)};
};

}  // namespace

TEST_CASE("noise and spoilt frames end connections and harm nobody") {
  for (const auto tls : {false, true}) {
    besieged at{tls};
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 chance{seed};
    const auto before = resident_bytes();
    const siege_length length;
    std::uint64_t round = 0;
    auto early = before;
    for (; length.goes_on(round); ++round) {
      attack(at, round, chance);
      if (round == 1'000) early = resident_bytes();
    }
    at.check_unharmed();
    const auto after = resident_bytes();
    CAPTURE(round, before, early, after);
    if (round > 1'000)
      WARN(round << " attackers, resident " << (early >> 10U) << " KiB after 1,000 and "
                 << (after >> 10U) << " KiB at the end");
    CHECK(after < before + memory_slack);
  }
}

TEST_CASE("silent and halting strangers cost no processor time and keep nobody out") {
  auto limits = generous();
  limits.handshake_max = 1'500ms;
  limits.handshakes_max = 1'000;
  besieged at{true, limits};
  const auto begin = std::chrono::steady_clock::now();
  const auto used_before = processor_time();
  std::vector<raw_peer> strangers;
  const auto hello = writer{}.number(0x160301, 3).number(0x0200, 2).number(0x010001FC, 4).out;
  for (int i = 0; i < 400; ++i) {
    strangers.emplace_back(at.port);
    if (i % 2 == 0) CHECK(strangers.back().send(hello));  // the beginning of a ClientHello
  }
  at.check_unharmed();
  remote_node another{{.tls = at.ours.issue("another")}};
  CHECK(another.ask(another.dial(at.port), "meanwhile") == "echo: meanwhile");
  for (auto& each : strangers) CHECK(each.closed());
  const auto wall = std::chrono::steady_clock::now() - begin;
  const auto used = processor_time() - used_before;
  CAPTURE(std::chrono::duration_cast<std::chrono::milliseconds>(wall).count(), used.count());
  CHECK(wall > 1s);
  CHECK(used < wall / 4);
  CHECK(at.server.ended(ending::handshake_late) == 400);
}

TEST_CASE("a flood of silent strangers cannot take all the places") {
  for (const auto tls : {false, true}) {
    auto limits = generous();
    limits.handshakes_max = 20;
    besieged at{tls, limits};
    std::vector<raw_peer> strangers;
    for (int i = 0; i < 50; ++i) strangers.emplace_back(at.port);
    remote_node another{tls ? transport_security{.tls = at.ours.issue("another")}
                            : transport_security{}};
    CHECK(another.ask(another.dial(at.port), "meanwhile") == "echo: meanwhile");
    CHECK(at.server.ended(ending::handshakes_full) >= 30);
    at.check_unharmed();
  }
}

TEST_CASE("one peer has no more connections than its share") {
  auto limits = generous();
  limits.connections_per_peer_max = 3;
  besieged at{true, limits};
  std::vector<raw_peer> greedy;
  for (std::uint8_t i = 0; i < 3; ++i) {
    greedy.push_back(at.attacker());
    (void)greedy.back().greet(node(i + 1));
  }
  auto one_more = at.attacker();
  CHECK(one_more.closed());
  CHECK(at.server.ended(ending::peer_full) == 1);
  at.check_unharmed();
  remote_node another{{.tls = at.ours.issue("another")}};
  CHECK(another.ask(another.dial(at.port), "meanwhile") == "echo: meanwhile");
}

TEST_CASE("there are no more connections than the bound") {
  auto limits = generous();
  limits.connections_max = 2;
  besieged at{true, limits};
  auto second = at.attacker();
  (void)second.greet(node(9));
  auto third = at.attacker();
  CHECK(third.closed());
  CHECK(at.server.ended(ending::connections_full) == 1);
  at.check_unharmed();
}

TEST_CASE("a peer that reads no more is given up") {
  for (const auto tls : {false, true}) {
    auto limits = generous();
    limits.stall_max = 500ms;
    limits.silence_max = 1h;
    besieged at{tls, limits};
    auto frozen = at.attacker();
    const auto server = frozen.greet(node(9));
    // Asks for far more than the buffers on the way hold, and takes none of it.
    const auto question = text_message(5, server.published, std::string(100'000, 'x'));
    for (int i = 0; i < 200 && at.server.ended(ending::stalled) == 0; ++i)
      if (!frozen.send(question)) break;
    const auto deadline = std::chrono::steady_clock::now() + wait_max;
    while (at.server.ended(ending::stalled) == 0 && std::chrono::steady_clock::now() < deadline)
      at.check_unharmed();
    CHECK(at.server.ended(ending::stalled) == 1);
    CHECK(frozen.closed());
  }
}

TEST_CASE("a peer that is too fast has to wait, and loses nothing") {
  auto limits = generous();
  limits.frames_per_second_max = 1'000;
  besieged at{false, limits};
  auto fast = at.attacker();
  const auto server = fast.greet(node(9));
  bytes all;
  for (int i = 0; i < 600; ++i) all = all + text_message(5, server.published, "hello");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(fast.send(all));
  int answers = 0;
  while (answers < 600) {
    const auto answer = fast.frame();
    REQUIRE(!answer.empty());
    if (read_basp_header(answer).dest_actor == 5) ++answers;
  }
  CHECK(std::chrono::steady_clock::now() - begin > 400ms);
  at.check_unharmed();
}
