// Pages of what can be read: complete, without repeats, and in order.
#include <set>

#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

constexpr int runs = 25;

std::string run_name(int i) { return "run." + std::to_string(100 + i); }

/// A pool with members, messages among them and the events of both.
served filled() {
  auto server = served::in_memory();
  server.open_pool();
  std::string first;
  for (int i = 0; i < runs; ++i) {
    const auto token = server.join(run_name(i));
    if (i == 0) first = token;
    if (i > 0)
      server.result("send",
                    {{"pool_id", "pool.a"},
                     {"message", message(std::to_string(i), run_name(0), run_name(i))}},
                    {{"Agentpool-Session-Token", first}});
  }
  return server;
}

/// All pages of a list, by `next`; the ids in the order in which they were told.
std::vector<std::string> paged(const served& server, const std::string& target,
                               const std::string& list, const std::string& id) {
  std::vector<std::string> all;
  std::string after;
  for (int pages = 0; pages < 1'000; ++pages) {
    const auto page = server.get(target + after);
    for (const auto& one : page[list]) all.push_back(one[id]);
    if (!page.contains("next")) return all;
    after = "&after=" + page["next"].get<std::string>();
  }
  throw std::runtime_error{"the pages do not end"};
}

}  // namespace

TEST_CASE("pages of members are complete, by run id, without repeats") {
  const auto server = filled();
  for (const std::string limit : {"1", "7", "25", "1000"}) {
    const auto all = paged(server, "/pools/pool.a/members?limit=" + limit, "members", "run_id");
    REQUIRE(all.size() == runs);
    for (int i = 0; i < runs; ++i) CHECK(all[static_cast<std::size_t>(i)] == run_name(i));
  }
  CHECK(server.get("/pools/pool.a/members?limit=7")["total"] == runs);
  CHECK(server.get("/pools/pool.a/members?limit=7&after=run.zzz")["members"] == json::array());
}

TEST_CASE("pages of events are complete and without repeats") {
  const auto server = filled();
  const auto whole = paged(server, "/pools/pool.a/events?limit=1000", "events", "sequence");
  REQUIRE(whole.size() > 60);
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK(whole[i] == std::to_string(i + 1));
  for (const std::string limit : {"1", "7", "64"}) {
    CHECK(paged(server, "/pools/pool.a/events?limit=" + limit, "events", "sequence") == whole);
    CHECK(server.get("/pools/pool.a/events?limit=" + limit)["events"].size() == std::stoul(limit));
  }
}

TEST_CASE("pages of events are complete, too, where many of them end something") {
  const auto server = filled();
  for (int i = 0; i < runs; ++i) {
    // Whoever leaves ends; so do messages that reach nobody.
    const auto token = server.join("run.late." + std::to_string(i));
    const fields session{{"Agentpool-Session-Token", token}};
    const auto run = "run.late." + std::to_string(i);
    server.result("send",
                  {{"pool_id", "pool.a"},
                   {"message", message("lost." + std::to_string(i), run, "run.nobody")}},
                  session);
    server.result("leave_run", {{"pool_id", "pool.a"}, {"run_id", run}}, session);
  }
  const auto whole = paged(server, "/pools/pool.a/events?limit=1000", "events", "sequence");
  for (const std::string limit : {"1", "3", "10"})
    CHECK(paged(server, "/pools/pool.a/events?limit=" + limit, "events", "sequence") == whole);
}

TEST_CASE("pages of events are complete, too, where many of them are not stored") {
  const auto server = served::in_memory();
  server.open_pool();
  const fields session{{"Agentpool-Session-Token", server.join("run.a")}};
  const auto publish = [&](const std::string& id, bool live) {
    const auto event = run_event(id, "run.a", "run_checkpointed", live);
    server.result("publish_event", {{"pool_id", "pool.a"}, {"event", event}}, session);
  };
  publish("event.1", false);
  for (int i = 0; i < 9; ++i) publish("event.live." + std::to_string(i), true);
  publish("event.2", false);
  std::set<std::string> whole;
  for (const auto& each : paged(server, "/pools/pool.a/events?limit=1000", "events", "id"))
    whole.insert(each);
  REQUIRE(whole.size() == 13);
  for (const std::string limit : {"1", "2", "3", "4", "7"}) {
    INFO(limit);
    const auto told = paged(server, "/pools/pool.a/events?limit=" + limit, "events", "id");
    CHECK(told.size() == 13);
    CHECK(std::set<std::string>{told.begin(), told.end()} == whole);
    CHECK(told.back() == "event.2");
  }
}

TEST_CASE("pages of records are complete and without repeats") {
  const auto server = filled();
  std::vector<std::uint64_t> all;
  for (std::uint64_t after = 0;;) {
    const auto page =
        server.get("/pools/pool.a/records?limit=7&after=" + std::to_string(after))["records"];
    if (page.empty()) break;
    for (const auto& one : page) all.push_back(one["cursor"]["sequence"]);
    after = all.back();
  }
  REQUIRE(all.size() > 60);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == i + 1);
}

TEST_CASE("every list says where the next page begins when there is one, and only then") {
  const auto server = served::in_memory();
  server.open_pool();
  const fields as_writer{{"Agentpool-Session-Token", server.join("run.a")}};
  const fields as_reader{{"Agentpool-Session-Token", server.join("run.b")}};
  for (const char* const run : {"run.c", "run.d", "run.e"}) static_cast<void>(server.join(run));
  for (const char* const name : {"1", "2", "3", "4", "5"})
    server.result("send", {{"pool_id", "pool.a"}, {"message", message(name, "run.a", "run.b")}},
                  as_writer);
  const std::vector<std::pair<std::string, std::string>> lists{
      {"members", "members"},
      {"events", "events"},
      {"records", "records"},
      {"journal", "records"},
      {"members/run.b/inbox", "entries"},
      {"members/run.b/inbox?wait_millis=60000", "entries"}};
  for (const auto& [address, list] : lists) {
    INFO(address);
    const auto page = [&, name = list](std::size_t limit, const std::string& after = {}) {
      auto target = "/pools/pool.a/" + address;
      target += (target.find('?') == std::string::npos ? "?limit=" : "&limit=");
      target += std::to_string(limit) + (after.empty() ? "" : "&after=" + after);
      return server.get(target, as_reader);
    };
    const auto whole = page(1'000);
    const auto count = whole[list].size();
    REQUIRE(count > 3);
    CHECK_FALSE(whole.contains("next"));
    CHECK(page(count) == whole);
    const auto first = page(count - 1);
    CHECK(first[list].size() == count - 1);
    const auto last = page(count - 1, first.at("next"));
    CHECK_FALSE(last.contains("next"));
    REQUIRE(last[list].size() == 1);
    CHECK(last[list].front() == whole[list].back());
    auto all = json::array();
    for (std::string after;;) {
      const auto some = page(3, after);
      for (const auto& one : some[list]) all.push_back(one);
      if (!some.contains("next")) break;
      after = some["next"];
    }
    CHECK(all == whole[list]);
  }
}

TEST_CASE("single things are read by their ids, and what there is not is not found") {
  const auto server = filled();
  CHECK(server.get("/pools")["pool_ids"] == json{"pool.a"});
  CHECK(server.get("/pools/pool.a")["pool_id"] == "pool.a");
  CHECK(server.get("/pools/pool.a/members/run.100")["run_id"] == "run.100");
  CHECK(server.get("/pools/pool.a/messages/message.1").dump().find("run.101") != std::string::npos);
  CHECK(server.get("/pools/pool.a/journal?limit=5")["records"].size() == 5);
  CHECK(server.get("/pools/pool.a/why?message_id=message.1")["because"].size() == 1);
  const auto state = server.get("/pools/pool.a/state");
  CHECK(state["members"] == runs);
  for (const char* const none : {"/pools/pool.b", "/pools/pool.a/members/run.x",
                                 "/pools/pool.a/messages/message.x", "/pools/pool.a/wakes/wake.x"})
    CHECK(server.ask({"GET", none}).status == 404);
  for (const char* const wrong :
       {"/pools/pool.a/members?limit=x", "/pools/pool.a/records?after=-1", "/pools/pool.a/why",
        "/pools/%00/members", "/pools/pool.a/why?run_id=%07", "/pools/pool.a/journal?after="})
    CHECK(server.ask({"GET", wrong}).status == 400);
}

TEST_CASE("why a message is as it is says how many replies it wants, one or more") {
  const auto server = served::in_memory();
  server.open_pool();
  const fields session{{"Agentpool-Session-Token", server.join("run.a")}};
  const auto reason = [&](int replies) {
    const auto name = std::to_string(replies);
    auto sent = message(name, "run.a", "run.a");
    sent["response_contract"] = {{"expected_responses", replies}};
    server.result("send", {{"pool_id", "pool.a"}, {"message", sent}}, session);
    return server.get("/pools/pool.a/why?message_id=message." + name)["because"][0]
        .get<std::string>();
  };
  CHECK(reason(1).ends_with("; it wants 1 reply"));
  CHECK(reason(2).ends_with("; it wants 2 replies"));
}

TEST_CASE("a run's inbox is read by who acts as it, at once or when something comes") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const auto b = server.join("run.b");
  const std::string inbox = "/pools/pool.a/members/run.b/inbox";
  CHECK(server.ask({"GET", inbox}).status == 403);
  const fields as_b{{"Agentpool-Session-Token", b}};
  CHECK(server.get(inbox, as_b)["entries"].empty());
  auto waiting = server.client();
  waiting.send({"GET", inbox + "?wait_millis=60000", as_b});
  CHECK(waiting.quiet_for(milliseconds{50}));
  server.result("send", {{"pool_id", "pool.a"}, {"message", message("1", "run.a", "run.b")}},
                {{"Agentpool-Session-Token", a}});
  CHECK(waiting.answer().parsed()["entries"].size() == 1);
}
