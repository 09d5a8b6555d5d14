// Tasks without a network: under a clock that is moved, and with room for few.
#include <atomic>
#include <future>
#include <nlohmann/json.hpp>

#include "agentpool/stores/memory.hpp"
#include "support/catch.hpp"
#include "tools/serve/mcp_tasks.hpp"

namespace {

using namespace agentpool;
using json = nlohmann::json;
using tools::task_status;
using tools::task_told;

class moved_clock : public core::clock {
 public:
  [[nodiscard]] core::instant now() const override { return core::from_millis(millis_); }
  void move(std::chrono::milliseconds by) { millis_ += static_cast<std::uint64_t>(by.count()); }

 private:
  std::atomic<std::uint64_t> millis_{1'000'000};
};

/// What `ask` calls back with.
template <class T, class Ask>
T answer_to(const Ask& ask) {
  const auto told = std::make_shared<std::promise<T>>();
  auto future = told->get_future();
  ask([told](T what) { told->set_value(std::move(what)); });
  if (future.wait_for(std::chrono::seconds{60}) != std::future_status::ready)
    throw std::runtime_error{"no answer"};
  return future.get();
}

/// A store with a member, and the tasks of one server on it after the other.
struct task_world {
  explicit task_world(tools::task_bounds its = {}) : bounds{its} {
    caller.when_ending = [this](std::function<void()> then) {
      return ending.when_begun(std::move(then));
    };
    me["session_token"] = json::parse(call("pool_join", me).structured)["session_token"];
  }
  ~task_world() { ending.begin(); }
  task_world(const task_world&) = delete;
  task_world& operator=(const task_world&) = delete;

  [[nodiscard]] static actors::engine_options options(std::shared_ptr<const core::clock> clock) {
    actors::engine_options made;
    made.clock = std::move(clock);
    return made;
  }
  [[nodiscard]] static const tools::mcp_tool& tool(const std::string& name) {
    for (const auto& each : tools::mcp_tools())
      if (each.name == name) return each;
    throw std::runtime_error{"no tool: " + name};
  }
  [[nodiscard]] tools::tool_result call(const std::string& name, const json& arguments) const {
    const auto tree = core::parse_json(arguments.dump());
    return answer_to<tools::tool_result>(
        [&](auto then) { tool(name).run(caller, tree->root(), then); });
  }
  /// A wait for a message as a task; as another owner's when one is named.
  [[nodiscard]] tools::task_begun start(const json& more = json::object(),
                                        const std::string& owner = {}) const {
    json arguments = me;
    arguments["for"] = {{"message", true}};
    arguments.update(more);
    const auto tree = core::parse_json(arguments.dump());
    auto as = caller;
    if (!owner.empty()) as.shown.who.name = owner;
    return answer_to<core::outcome<tools::task_begun>>(
               [&](auto then) { tasks->start(tool("pool_wait"), as, tree->root(), {}, then); })
        .value();
  }
  [[nodiscard]] std::string started(const json& more = json::object()) const {
    return std::get<task_told>(start(more)).id;
  }
  [[nodiscard]] std::optional<task_told> get(const std::string& id) const {
    return answer_to<std::optional<task_told>>([&](auto then) { tasks->get(id, caller, then); });
  }
  [[nodiscard]] std::optional<task_told> awaited(const std::string& id) const {
    return answer_to<std::optional<task_told>>([&](auto then) { tasks->await(id, caller, then); });
  }
  [[nodiscard]] std::optional<task_told> cancelled(const std::string& id) const {
    return answer_to<std::optional<task_told>>([&](auto then) { tasks->cancel(id, caller, then); });
  }
  /// A server that has not seen any of these tasks.
  void begin_anew() { tasks = std::make_shared<tools::mcp_tasks>(all, bounds); }
  [[nodiscard]] std::size_t rows() {
    return answer_to<core::outcome<std::vector<core::registry_row>>>(
               [&](auto then) { engine.read_registry({.space = "serve.task"}, then); })
        .value()
        .size();
  }

  std::shared_ptr<moved_clock> clock = std::make_shared<moved_clock>();
  tools::ending ending;
  actors::engine engine{std::make_unique<stores::memory_store>(), options(clock)};
  std::shared_ptr<const tools::service> all = std::make_shared<const tools::service>(
      tools::service{engine, tools::seats_in_store(engine, clock), clock});
  tools::task_bounds bounds;
  tools::tool_caller caller{all, {tools::unrestricted_caller("ada", true)}};
  std::shared_ptr<tools::mcp_tasks> tasks = std::make_shared<tools::mcp_tasks>(all, bounds);
  json me{{"pool_id", "pool.a"}, {"run_id", "run.a"}};
};

std::string status_in(const std::optional<task_told>& task) {
  return json::parse(task.value().result.value().structured)["status"];
}

}  // namespace

TEST_CASE("a task's wait for a message does not begin anew with the server") {
  task_world world;
  const auto id = world.started({{"timeout_seconds", 100}});
  CHECK(world.get(id)->status == task_status::working);
  world.clock->move(std::chrono::seconds{101});
  world.begin_anew();
  CHECK(status_in(world.awaited(id)) == "timed_out");
}

TEST_CASE("how a task ended is told by every server on the store, and by none otherwise") {
  task_world world;
  const auto cancelled = world.started();
  const auto completed = world.started({{"timeout_seconds", 0}});
  CHECK(status_in(world.awaited(completed)) == "timed_out");
  const auto before = world.tasks;
  world.begin_anew();
  // Both servers work at it, until one of them ends it.
  CHECK(world.get(cancelled)->status == task_status::working);
  CHECK(world.cancelled(cancelled)->status == task_status::cancelled);
  world.tasks = before;
  CHECK(world.get(cancelled)->status == task_status::cancelled);
  CHECK(world.awaited(cancelled)->status == task_status::cancelled);
  world.begin_anew();
  CHECK(world.get(cancelled)->status == task_status::cancelled);
  CHECK(status_in(world.get(completed)) == "timed_out");
}

TEST_CASE("a task is known for an hour after its wait, however long that is") {
  task_world world;
  const auto id = world.started({{"timeout_seconds", 20'000}});
  world.clock->move(std::chrono::seconds{20'001});
  world.begin_anew();
  CHECK(status_in(world.awaited(id)) == "timed_out");
  world.clock->move(std::chrono::minutes{59});
  CHECK(world.get(id).has_value());
  world.clock->move(std::chrono::minutes{1});
  CHECK_FALSE(world.get(id).has_value());
}

TEST_CASE("an owner has so many tasks that work, and what goes beyond is a plain wait") {
  task_world world{{.working_each_max = 2}};
  const auto first = world.started();
  static_cast<void>(world.started());
  const auto plain = world.start({{"timeout_seconds", 0}});
  REQUIRE(std::holds_alternative<tools::tool_result>(plain));
  CHECK(json::parse(std::get<tools::tool_result>(plain).structured)["status"] == "timed_out");
  CHECK(std::holds_alternative<task_told>(world.start(json::object(), "eve")));
  CHECK(world.cancelled(first)->status == task_status::cancelled);
  CHECK(std::holds_alternative<task_told>(world.start()));
}

TEST_CASE("tasks that ended take nobody's room, and are told from the store when they made way") {
  task_world world{{.all_max = 3}};
  std::vector<std::string> ended;
  for (int i = 0; i < 9; ++i) {
    ended.push_back(world.started({{"timeout_seconds", 0}}));
    CHECK(status_in(world.awaited(ended.back())) == "timed_out");
  }
  CHECK(world.tasks->list(world.caller).size() <= 3);
  for (const auto& id : ended) CHECK(status_in(world.get(id)) == "timed_out");
}

TEST_CASE("rows of tasks that nobody may ask for any more go when another one begins") {
  task_world world;
  for (int i = 0; i < 3; ++i)
    static_cast<void>(world.awaited(world.started({{"timeout_seconds", 0}})));
  CHECK(world.rows() == 3);
  world.clock->move(std::chrono::minutes{61});
  static_cast<void>(world.started());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (world.rows() != 1) REQUIRE(std::chrono::steady_clock::now() < end);
}

TEST_CASE("what the tool refuses at once is no task") {
  task_world world;
  const auto wrong = world.start({{"timeout_seconds", "soon"}});
  REQUIRE(std::holds_alternative<tools::tool_result>(wrong));
  CHECK(std::get<tools::tool_result>(wrong).failed);
  CHECK(world.rows() == 0);
}
