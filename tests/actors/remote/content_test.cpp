// Contents of a program whose pools are at nodes: kept and fetched at any node, over the loss of
// connections and nodes, within bounds.
#include <string>
#include <vector>

#include "actors/remote/kit.hpp"
#include "support/catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// What came back, once it came.
template <class T>
struct answers_of {
  std::shared_ptr<std::vector<core::outcome<T>>> all =
      std::make_shared<std::vector<core::outcome<T>>>();

  [[nodiscard]] actors::callback<T> take() const {
    return [kept = all](core::outcome<T> what) { kept->push_back(std::move(what)); };
  }
  [[nodiscard]] bool empty() const { return all->empty(); }
  [[nodiscard]] const core::outcome<T>& only() const {
    REQUIRE(all->size() == 1);
    return all->front();
  }
};
using kept = answers_of<core::content_ref>;
using found = answers_of<std::optional<std::string>>;

kept put(cluster& at, const std::string& program, const std::string& bytes) {
  kept answer;
  at.client(program).pools().put_content(bytes, answer.take());
  return answer;
}

found get(cluster& at, const std::string& program, const core::content_ref& name) {
  found answer;
  at.client(program).pools().get_content(name, answer.take());
  return answer;
}

/// Nodes a and b, and a program p that asks a first.
void start(cluster& at) {
  at.start_node("a");
  at.start_node("b");
  at.start_client("p", {"a", "b"});
}

const std::string odd_bytes{"\0\xff not UTF-8 \xed\xa0\x80", 16};

}  // namespace

TEST_CASE("a content that one program keeps at a node another fetches at another node") {
  cluster at{3};
  start(at);
  at.start_client("q", {"b"});
  for (const auto& bytes : {odd_bytes, std::string{}, std::string(1U << 20U, 'x')}) {
    const auto name = put(at, "p", bytes);
    at.pass(1s);
    REQUIRE(name.only().value() == core::content_name(bytes));
    const auto bytes_again = get(at, "q", name.only().value());
    at.pass(1s);
    CHECK(bytes_again.only().value() == bytes);
    CHECK(at.store()->get_content(name.only().value()).value() == bytes);
  }
}

TEST_CASE("a content that no node has is not there, and a name that none can have is refused") {
  cluster at{5};
  start(at);
  const auto unknown = get(at, "p", core::content_name("unknown"));
  const auto other = get(at, "p", core::content_ref{"content.other"});
  at.pass(1s);
  CHECK_FALSE(unknown.only().value());
  CHECK(other.only().error().retry == core::retry_classification::repair_needed);
}

TEST_CASE("what a store refuses a program is told, and asked of no other node") {
  cluster at{7};
  start(at);
  const auto refused = put(at, "p", std::string((1U << 20U) + 1, 'x'));
  at.pass(1s);
  CHECK(refused.only().error().message.find("item_bytes_max") != std::string::npos);
  REQUIRE(at.client("p").links().size() == 1);
  CHECK(at.client("p").links()[0].endpoint == "a:7000");
}

TEST_CASE("a content under way when its node dies is kept and fetched at the next") {
  int died_under_way = 0;
  for (int steps = 0; steps < 60; steps += 3) {
    cluster at{static_cast<std::uint64_t>(100 + steps)};
    start(at);
    at.settle();
    const auto name = put(at, "p", odd_bytes);
    at.steps(steps);
    died_under_way += name.empty() ? 1 : 0;
    at.kill("a");
    at.pass(10s);
    REQUIRE(name.only().value() == core::content_name(odd_bytes));
    const auto bytes = get(at, "p", name.only().value());
    at.pass(10s);
    CHECK(bytes.only().value() == odd_bytes);
  }
  CHECK(died_under_way > 0);
}

TEST_CASE("a fetch under way when its node dies is answered by the next") {
  int died_under_way = 0;
  for (int steps = 0; steps < 30; steps += 3) {
    cluster at{static_cast<std::uint64_t>(200 + steps)};
    start(at);
    const auto name = put(at, "p", odd_bytes);
    at.pass(1s);
    const auto bytes = get(at, "p", name.only().value());
    at.steps(steps);
    died_under_way += bytes.empty() ? 1 : 0;
    at.kill("a");
    at.pass(10s);
    CHECK(bytes.only().value() == odd_bytes);
  }
  CHECK(died_under_way > 0);
}

TEST_CASE("a program goes on asking the node that answered, not the one that died before") {
  cluster at{11};
  start(at);
  at.settle();
  at.kill("a");
  const auto first = put(at, "p", "first");
  at.pass(20s);
  REQUIRE(first.only().ok());
  const auto second = put(at, "p", "second");
  at.settle();
  CHECK(second.only().ok());
}

TEST_CASE("a content that no node keeps fails once its time is over, and says why") {
  cluster at{13};
  at.client_limits.request_wait = 5s;
  start(at);
  at.settle();
  at.kill("a");
  at.kill("b");
  const auto name = put(at, "p", odd_bytes);
  const auto bytes = get(at, "p", core::content_name(odd_bytes));
  at.pass(4s);
  CHECK(name.empty());
  CHECK(bytes.empty());
  at.pass(2s);
  for (const auto& error : {name.only().error(), bytes.only().error()}) {
    CHECK(error.retry == core::retry_classification::retryable);
    CHECK(error.message.find("5000 ms (request_wait)") != std::string::npos);
    CHECK(error.message.find("the last said") != std::string::npos);
  }
}

TEST_CASE("a node that is frozen with a content costs request_wait and no more") {
  cluster at{17};
  at.client_limits.request_wait = 5s;
  at.start_node("a");
  at.start_client("p", {"a"});
  const auto first = put(at, "p", "first");
  at.pass(1s);
  REQUIRE(first.only().ok());
  at.freeze("a", true);
  const auto second = put(at, "p", "second");
  at.pass(4s);
  CHECK(second.empty());
  at.pass(2s);
  CHECK_FALSE(second.only().ok());
  at.freeze("a", false);
  at.pass(10s);
  const auto third = put(at, "p", "second");
  at.pass(10s);
  CHECK(third.only().ok());
}

TEST_CASE("a content larger than a message between nodes may be is refused by the program") {
  cluster at{19};
  at.client_limits.message_bytes_max = 10'000;
  start(at);
  const auto small = put(at, "p", std::string(10'000 - 1'024, 'x'));
  const auto large = put(at, "p", std::string(10'000 - 1'023, 'x'));
  at.pass(1s);
  CHECK(small.only().ok());
  CHECK(large.only().error().retry == core::retry_classification::repair_needed);
  CHECK(large.only().error().message.find("10000 bytes (message_bytes_max)") != std::string::npos);
}

TEST_CASE("a content larger than an answer of a node may be is refused by the node") {
  cluster at{23};
  at.node_limits.answer_bytes_max = 10'000;
  start(at);
  const auto small = put(at, "p", std::string(8'000, 'x'));
  const auto large = put(at, "p", std::string(10'000, 'x'));
  at.pass(1s);
  const auto small_again = get(at, "p", small.only().value());
  const auto large_again = get(at, "p", large.only().value());
  at.pass(1s);
  CHECK(small_again.only().value() == std::string(8'000, 'x'));
  CHECK(large_again.only().error().retry == core::retry_classification::repair_needed);
  CHECK(large_again.only().error().message.find("answer_bytes_max 10000") != std::string::npos);
}

TEST_CASE("contents on their way to a program are bounded, and go on for who takes them") {
  cluster at{29};
  at.node_limits.untaken_bytes_max = 50'000;
  start(at);
  const auto name = put(at, "p", std::string(20'000, 'x'));
  at.pass(1s);
  std::vector<found> at_once(10);
  for (auto& one : at_once) one = get(at, "p", name.only().value());
  at.pass(1s);
  int given = 0;
  for (const auto& one : at_once) {
    given += one.only() ? 1 : 0;
    if (!one.only()) CHECK(one.only().error().retry == core::retry_classification::retryable);
  }
  CHECK(given >= 2);
  for (int i = 0; i < 10; ++i) {
    const auto alone = get(at, "p", name.only().value());
    at.pass(100ms);
    CHECK(alone.only().ok());
  }
}

TEST_CASE("a program has no more questions under way at a node than it may, and is told") {
  cluster at{31};
  at.client_limits.node_asks_max = 4;
  start(at);
  std::vector<kept> answers(12);
  for (std::size_t i = 0; i < answers.size(); ++i) answers[i] = put(at, "p", std::to_string(i));
  at.pass(5s);
  std::size_t refused = 0;
  for (const auto& answer : answers) {
    if (answer.only()) continue;
    ++refused;
    CHECK(answer.only().error().message.find("too many questions") != std::string::npos);
  }
  CHECK(refused > 0);
  CHECK(refused < 12);
}

TEST_CASE("a program that ends is answered for what was under way, once") {
  cluster at{37};
  at.start_node("a");
  at.start_client("p", {"a"});
  const auto name = put(at, "p", odd_bytes);
  const auto bytes = get(at, "p", core::content_name(odd_bytes));
  at.client("p").close();
  CHECK(name.only().error().message.find("closed") != std::string::npos);
  CHECK(bytes.only().error().message.find("closed") != std::string::npos);
}

TEST_CASE("a lost connection that comes back finishes what was under way at its one node") {
  cluster at{41};
  at.start_node("a");
  at.start_client("p", {"a"});
  const auto first = put(at, "p", "first");
  at.pass(1s);
  REQUIRE(first.only().ok());
  const auto second = put(at, "p", "second");
  at.steps(2);
  at.kill("a");
  at.pass(3s);
  CHECK(second.empty());
  at.start_node("a");
  at.pass(10s);
  CHECK(second.only().value() == core::content_name("second"));
}
