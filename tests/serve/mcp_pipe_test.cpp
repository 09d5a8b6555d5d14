// MCP on a pipe: `agentpool mcp` for one client of either era.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

const json for_message{{"for", {{"message", true}}}};

/// `agentpool mcp` that writes into a pipe of one page which nobody reads.
struct unread_pipe {
  unread_pipe() {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error{"no pipe"};
    file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0 || ::fcntl(file, F_SETPIPE_SZ, 4'096) < 0) throw std::runtime_error{"no pipe"};
    process = std::make_unique<support::process>(support::command_line{
        "/bin/sh",
        {"-c", R"(exec "$0" mcp --store memory > "$1")", support::program().string(), path}});
  }
  ~unread_pipe() { ::close(file); }
  unread_pipe(const unread_pipe&) = delete;
  unread_pipe& operator=(const unread_pipe&) = delete;

  [[nodiscard]] bool full() const {
    int bytes = 0;
    return ::ioctl(file, FIONREAD, &bytes) == 0 && bytes == 4'096;
  }

  support::temporary_directory folder;
  std::string path = folder.file("out");
  int file = -1;
  std::unique_ptr<support::process> process;
};

}  // namespace

TEST_CASE("a client of handshakes talks on a pipe, which remembers its session tokens") {
  mcp_pipe pipe{"memory"};
  const auto greeting = pipe.request("initialize", initialize_params())["result"];
  CHECK(greeting["protocolVersion"] == "2025-11-25");
  pipe.write({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
  CHECK(pipe.request("ping", json::object())["result"] == json::object());
  static_cast<void>(joined(pipe, "run.a"));
  const json me{{"pool_id", "pool.a"}, {"run_id", "run.a"}};
  CHECK(structured(pipe.call("pool_inbox", me))["messages"].empty());
  structured(pipe.call("pool_send", also(me, {{"to", {{"run", "run.a"}}}, {"text", "note"}})));
  const auto got = structured(pipe.call("pool_wait", also(me, for_message)))["messages"];
  CHECK(got[0]["text"] == "note");
  CHECK(got[0]["sender"].get<std::string>().rfind("local.", 0) == 0);
  pipe.process().close_input();
  CHECK(pipe.process().wait().exit_code == 0);
}

TEST_CASE("a modern client talks on a pipe from its first request on, and shows its tokens") {
  mcp_pipe pipe{"memory"};
  const auto found = pipe.ask(modern_request("probe", "server/discover"));
  CHECK(found["id"] == "probe");
  CHECK(found["result"]["supportedVersions"] == json{"2026-07-28"});
  const auto call = [&](const std::string& tool, const json& arguments) {
    return pipe.ask(modern_request(1, "tools/call", {{"name", tool}, {"arguments", arguments}}));
  };
  const auto told = structured(call("pool_join", {{"pool_id", "pool.a"}, {"run_id", "run.a"}}));
  // Whoever has the process is known by it, and acts as the runs that it joined.
  CHECK(structured(call("pool_inbox", {{"pool_id", "pool.a"}, {"run_id", "run.a"}}))["messages"]
            .empty());
  CHECK(told["session_token"].get<std::string>().size() == 64);
  CHECK(pipe.ask(modern_request(2, "ping"))["error"]["code"] == -32601);
  CHECK(pipe.ask(rpc_request(3, "server/discover", json::object()))["error"]["code"] == -32601);
  json newer = modern_request(4, "tools/list");
  newer["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2027-01-01";
  CHECK(pipe.ask(newer)["error"]["code"] == -32022);
}

TEST_CASE("both eras are served on one pipe, message by message") {
  mcp_pipe pipe{"memory"};
  pipe.greet();
  CHECK_FALSE(pipe.request("tools/list", json::object())["result"].contains("resultType"));
  CHECK(pipe.ask(modern_request(9, "tools/list"))["result"]["resultType"] == "complete");
  CHECK_FALSE(pipe.request("tools/list", json::object())["result"].contains("resultType"));
}

TEST_CASE("lines that are no messages are answered as such, and blank ones not at all") {
  mcp_pipe pipe{"memory"};
  pipe.process().write("\n   \r\n{\n");
  CHECK(pipe.next()["error"]["code"] == -32700);
  pipe.process().write("[]\n");
  CHECK(pipe.next()["error"]["code"] == -32600);
  pipe.process().write("\xff\xfe\n");
  CHECK(pipe.next()["error"]["code"] == -32700);
  pipe.process().write(std::string(17U << 20U, 'x') + "\n");
  CHECK(pipe.next()["error"]["code"] == -32600);
  pipe.write({{"jsonrpc", "2.0"}, {"id", 1}, {"result", json::object()}});
  CHECK(pipe.request("ping", json::object())["result"] == json::object());
}

TEST_CASE("a wait that is taken back on a pipe is not answered, and others are meanwhile") {
  mcp_pipe pipe{"memory"};
  pipe.greet();
  const auto me = joined(pipe, "run.a");
  pipe.write(
      rpc_request(70, "tools/call", {{"name", "pool_wait"}, {"arguments", also(me, for_message)}}));
  CHECK(pipe.request("ping", json::object())["result"] == json::object());
  pipe.write(
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 70}}}});
  structured(pipe.call("pool_send", also(me, {{"to", {{"run", "run.a"}}}, {"text", "late"}})));
  CHECK(structured(pipe.call("pool_inbox", me))["messages"].size() == 1);
  pipe.process().close_input();
  const auto ended = pipe.process().wait();
  CHECK(ended.exit_code == 0);
  CHECK(ended.output.find("\"id\":70") == std::string::npos);
}

TEST_CASE("at the end of input, and on SIGTERM, who waits gets a cursor and the pipe ends") {
  for (const bool by_signal : {false, true}) {
    mcp_pipe pipe{"memory"};
    pipe.greet();
    const auto me = joined(pipe, "run.a");
    pipe.write(rpc_request(70, "tools/call",
                           {{"name", "pool_wait"}, {"arguments", also(me, for_message)}}));
    CHECK(pipe.request("ping", json::object())["result"] == json::object());
    if (by_signal) {
      pipe.process().send_signal(SIGTERM);
    } else {
      pipe.process().close_input();
    }
    const auto told = pipe.next();
    CHECK(told["id"] == 70);
    CHECK(structured(told)["status"] == "waiting");
    const auto ended = pipe.process().ended_within(milliseconds{8'000});
    REQUIRE(ended);
    CHECK(ended->exit_code == 0);
  }
}

TEST_CASE("a pipe that nobody reads any more ends as well, at the end of input and on SIGTERM") {
  for (const bool by_signal : {false, true}) {
    const unread_pipe pipe;
    pipe.process->write(modern_request(1, "tools/list").dump() + "\n");
    const auto end = std::chrono::steady_clock::now() + answer_wait_max;
    while (!pipe.full()) REQUIRE(std::chrono::steady_clock::now() < end);
    if (by_signal) {
      pipe.process->send_signal(SIGTERM);
    } else {
      pipe.process->close_input();
    }
    const auto ended = pipe.process->ended_within(answer_wait_max);
    REQUIRE(ended);
    CHECK(ended->exit_code == 0);
  }
}

TEST_CASE("an id that is in use is refused on a pipe, be it a call's or a listener's") {
  mcp_pipe pipe{"memory"};
  pipe.greet();
  const auto me = joined(pipe, "run.a");
  pipe.write(
      rpc_request(70, "tools/call", {{"name", "pool_wait"}, {"arguments", also(me, for_message)}}));
  const auto refused = pipe.ask(rpc_request(70, "ping", json::object()));
  CHECK(refused["id"] == 70);
  CHECK(refused["error"]["code"] == -32600);
  const json listen{
      {"notifications", {{"resourceSubscriptions", {"agentpool://pools/pool.a/members"}}}}};
  CHECK(pipe.ask(modern_request(70, "subscriptions/listen", listen))["error"]["code"] == -32600);
  CHECK(pipe.ask(modern_request(71, "subscriptions/listen", listen)).contains("method"));
  CHECK(pipe.ask(modern_request(71, "subscriptions/listen", listen))["error"]["code"] == -32600);
  structured(pipe.call("pool_send", also(me, {{"to", {{"run", "run.a"}}}, {"text", "hi"}})));
}

TEST_CASE("a task's result that is awaited on a pipe does not hold up its end") {
  mcp_pipe pipe{"memory"};
  pipe.greet();
  const auto me = joined(pipe, "run.a");
  const auto made = pipe.request("tools/call", {{"name", "pool_wait"},
                                                {"arguments", also(me, for_message)},
                                                {"task", json::object()}})["result"];
  pipe.write(rpc_request(70, "tasks/result", {{"taskId", made["task"]["taskId"]}}));
  pipe.process().close_input();
  CHECK(pipe.next()["id"] == 70);
  const auto ended = pipe.process().ended_within(milliseconds{8'000});
  REQUIRE(ended);
  CHECK(ended->exit_code == 0);
}

TEST_CASE("a listener on a pipe is told of changes until it is taken back, or of the end") {
  const support::temporary_directory folder;
  const auto server = served::on(folder.file("pools.sqlite"));
  server.open_pool();
  const std::string uri = "agentpool://pools/pool.a/timeline";
  mcp_pipe pipe{"sqlite:" + folder.file("pools.sqlite")};
  const json listen{{"notifications", {{"resourceSubscriptions", {uri}}}}};
  const auto first = pipe.ask(modern_request("a", "subscriptions/listen", listen));
  CHECK(first["method"] == "notifications/subscriptions/acknowledged");
  const auto second = pipe.ask(modern_request("b", "subscriptions/listen", listen));
  CHECK(second["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "b");
  pipe.write({{"jsonrpc", "2.0"},
              {"method", "notifications/cancelled"},
              {"params", {{"requestId", "b"}}}});
  CHECK(pipe.request("ping", json::object())["result"] == json::object());
  json update;
  for (int i = 0; update.is_null(); ++i) {
    static_cast<void>(server.join("run." + std::to_string(i)));
    const auto answer = pipe.ask(rpc_request(i, "ping", json::object()));
    if (answer.contains("method")) update = answer;
  }
  CHECK(update["method"] == "notifications/resources/updated");
  CHECK(update["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "a");
  pipe.process().close_input();
  json last;
  while (const auto line = pipe.process().line()) {
    last = json::parse(*line);
    CHECK(line->find("\"subscriptionId\":\"b\"") == std::string::npos);
  }
  CHECK(last["id"] == "a");
  CHECK(last["result"]["resultType"] == "complete");
  CHECK(pipe.process().wait().exit_code == 0);
}

TEST_CASE("two pipes and a server on one file see each other, and a probe hinders nobody") {
  const support::temporary_directory folder;
  const auto store = folder.file("pools.sqlite");
  const auto server = served::on(store);
  mcp_pipe one{"sqlite:" + store};
  mcp_pipe other{"sqlite:" + store};
  {
    mcp_pipe probe{"sqlite:" + store};
    CHECK(probe.ask(modern_request(1, "server/discover")).contains("result"));
    probe.process().send_signal(SIGTERM);
    CHECK(probe.process().wait().exit_code == 0);
  }
  one.greet();
  other.greet();
  const auto a = joined(one, "run.a");
  const auto b = joined(other, "run.b");
  structured(one.call("pool_send", also(a, {{"to", {{"run", "run.b"}}}, {"text", "hello"}})));
  const auto got = structured(other.call("pool_wait", also(b, for_message)))["messages"];
  CHECK(got[0]["text"] == "hello");
  CHECK(server.get("/pools/pool.a/members")["total"] == 2);
  // A run of the pipe's user is not the anonymous caller's.
  CHECK(server.ask({"GET", "/pools/pool.a/members/run.a/inbox"}).status == 403);
}

TEST_CASE("whoever awaits much on a pipe is told so, and is answered what does not wait") {
  mcp_pipe pipe{"memory"};
  pipe.greet();
  const auto me = joined(pipe, "run.a");
  const json wait{
      {"name", "pool_wait"}, {"arguments", also(me, for_message)}, {"task", json::object()}};
  const json id{{"taskId", pipe.request("tools/call", wait)["result"]["task"]["taskId"]}};
  constexpr int asked = 1'100;  // more than may be under way
  for (int i = 0; i < asked; ++i)
    pipe.write(rpc_request("await." + std::to_string(i), "tasks/result", id));
  pipe.write(rpc_request("ping", "ping", json::object()));
  int refused = 0;
  for (auto line = pipe.next(); line["id"] != "ping"; line = pipe.next())
    if (line.contains("error")) ++refused;
  CHECK(refused > 0);
  CHECK(refused < asked);
  pipe.process().close_input();
  CHECK(pipe.process().wait().exit_code == 0);
}
