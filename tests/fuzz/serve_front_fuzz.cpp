#include <algorithm>
#include <caf/scheduler/test_coordinator.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"
#include "tools/serve/front.hpp"
#include "tools/serve/mcp_route.hpp"
#include "tools/serve/read_routes.hpp"
#include "tools/serve/rpc_route.hpp"
#include "tools/serve/state_routes.hpp"

namespace {

using namespace agentpool;

constexpr int inputs_a_server = 1'000;
constexpr int writes_taken = 8;

void hold(bool what) {
  if (!what) std::abort();
}

/// Moves a second on with each input, so that inputs alone say what happens.
class counted_clock : public core::clock {
 public:
  [[nodiscard]] core::instant now() const override { return core::from_millis(millis); }
  std::uint64_t millis = 1'800'000'000'000;
};

/// Takes some writes, then its reader is gone.
class kept_stream : public tools::http_stream {
 public:
  void write(std::string bytes, std::function<void(bool)> then) override {
    hold(!bytes.empty());
    then(!over_ && ++writes_ <= writes_taken);
  }
  void end(std::string) override { over_ = true; }
  [[nodiscard]] bool gone() const override { return over_ || writes_ > writes_taken; }

 private:
  int writes_ = 0;
  bool over_ = false;
};

class kept_exchange : public tools::http_exchange {
 public:
  void answer(tools::http_response response) override {
    if (!got) got = std::move(response);
  }
  std::shared_ptr<tools::http_stream> open(tools::http_response response, std::string) override {
    answer(std::move(response));
    return std::make_shared<kept_stream>();
  }
  void when_gone(std::function<void()> then) override { gone = std::move(then); }
  void end_with(tools::ending&, tools::http_response) override {}

  std::optional<tools::http_response> got;
  std::function<void()> gone;
};

/// A request as text: a line with method and target, header lines, an empty line, the body.
std::optional<tools::http_request> request_of(std::string_view text) {
  tools::http_request made;
  made.peer = "127.0.0.1";
  const auto take_line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  const auto first = take_line();
  const auto space = std::min(first.find(' '), first.size());
  made.method = first.substr(0, space);
  for (auto line = take_line(); !line.empty(); line = take_line()) {
    const auto colon = std::min(line.find(':'), line.size());
    made.headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  made.body = text;
  if (!tools::read_target(first.substr(std::min(space + 1, first.size())), made))
    return std::nullopt;
  for (const auto& segment : made.path) {
    tools::http_request again;
    hold(tools::read_target("/" + tools::percent_encoded(segment), again).ok());
    hold(segment.empty() || again.path == std::vector{segment});
  }
  return made;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// The server without its network: the front, all routes and an engine that is stepped.
class server {
 public:
  server() {
    static_cast<void>(
        run("POST /rpc\nhost:localhost\n\n"
            R"({"jsonrpc":"2.0","id":1,"method":"open_pool","params":)"
            R"({"pool_id":"pool.a"}})"));
    token_a_ = join("run.a");
    token_b_ = join("run.b");
    const auto greeted =
        run("POST /mcp\nhost:localhost\ncontent-type:application/json\n\n"
            R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)"
            R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"f"}}})");
    for (const auto& [name, value] : greeted.value().headers)
      if (name == "Mcp-Session-Id") session_ = value;
    hold(!session_.empty());
  }

  /// The words TOKEN_A, TOKEN_B and SESSION stand for what is made anew each time.
  void take(std::string_view input) {
    std::string text = replaced(std::string{input}, "TOKEN_A", token_a_);
    text = replaced(replaced(std::move(text), "TOKEN_B", token_b_), "SESSION", session_);
    static_cast<void>(run(text));
  }

 private:
  std::optional<tools::http_response> run(std::string_view text) {
    clock_->millis += 1'000;
    auto request = request_of(text);
    if (!request) return std::nullopt;
    if (auto refused = gate_.refuse(*request)) return refused;
    const auto exchange = std::make_shared<kept_exchange>();
    gate_.handle(*std::move(request), exchange);
    step();
    if (exchange->gone) std::exchange(exchange->gone, nullptr)();
    // What waits comes to its end, and every request to its answer.
    for (int i = 0; i < 3; ++i) {
      clock_->millis += 60'000;
      steps().trigger_timeouts();
      step();
    }
    hold(exchange->got || exchange.use_count() > 1);
    if (exchange->got) hold(exchange->got->status >= 200 && exchange->got->status < 600);
    return exchange->got;
  }

  std::string join(const std::string& name) {
    const auto joined =
        run("POST /rpc\nhost:localhost\n\n"
            R"({"jsonrpc":"2.0","id":1,"method":"join_run","params":)"
            R"({"pool_id":"pool.a","member":{"run_id":")" +
            name + R"(","agent_id":"agent.x"}}})");
    const auto& body = joined.value().body;
    const std::string_view key = R"("token":")";
    const auto at = body.find(key);
    hold(at != body.npos);
    return body.substr(at + key.size(), 64);
  }

  caf::scheduler::test_coordinator& steps() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(engine_.system().scheduler());
  }
  void step() {
    while (steps().try_run_once()) {
    }
  }

  static actors::engine_options options(const std::shared_ptr<counted_clock>& clock) {
    actors::engine_options made;
    made.clock = clock;
    made.schedule = actors::scheduling::stepped;
    return made;
  }
  static std::vector<tools::route> routes(const std::shared_ptr<const tools::service>& all) {
    auto made = tools::mcp_routes(std::make_shared<tools::mcp_server>(all));
    for (auto* part : {tools::rpc_routes, tools::read_routes})
      for (auto& one : part()) made.push_back(std::move(one));
    for (auto& one : tools::state_routes(std::make_shared<tools::store_health>()))
      made.push_back(std::move(one));
    return made;
  }
  static tools::front_options bounds() {
    tools::front_options made;
    made.rate = 0;
    made.origins = {"https://ok.example"};
    return made;
  }

  const std::shared_ptr<counted_clock> clock_ = std::make_shared<counted_clock>();
  actors::engine engine_{
      std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>()),
      options(clock_)};
  const std::shared_ptr<const tools::service> all_ = std::make_shared<const tools::service>(
      tools::service{engine_, tools::seats_in_store(engine_, clock_), clock_});
  tools::front gate_{all_, bounds(), routes(all_)};
  std::string token_a_;
  std::string token_b_;
  std::string session_;
};

}  // namespace

/// Any bytes as a request of HTTP, at any address: refused or answered, never the end of the
/// process, and never in the way of the next one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::unique_ptr<server> running;
  static int inputs = 0;
  if (inputs++ % inputs_a_server == 0) {
    running.reset();
    running = std::make_unique<server>();
  }
  running->take({reinterpret_cast<const char*>(data), size});
  return 0;
}
