// Every tool once with good and once with bad arguments, in words that a model can act on.
#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// A session with a run of its own.
struct member_session {
  explicit member_session(const served& server, const std::string& run)
      : session{server}, me(joined(session, run)) {}
  json call(const std::string& tool, const json& more = json::object()) {
    return session.call(tool, also(me, more));
  }
  mcp_session session;
  json me;
};

}  // namespace

TEST_CASE("a pool is joined, looked at and left by tools, which open it for the first to come") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto told = structured(session.call(
      "pool_join", {{"pool_id", "pool.a"}, {"topics", {"topic.news"}}, {"on_behalf_of", "Ada"}}));
  CHECK(told["agent_id"] == "agent.assistant");
  const std::string run = told["run_id"];
  CHECK(run.rfind("run.", 0) == 0);
  const auto members = structured(session.call("pool_members", {{"pool_id", "pool.a"}}));
  CHECK(members["total"] == 1);
  CHECK(members["members"][0]["run_id"] == run);
  CHECK(members["members"][0]["topics"] == json{"topic.news"});
  CHECK(structured(session.call("pool_status", {{"pool_id", "pool.a"}}))["members"] == 1);
  // A session remembers the tokens of its runs.
  const auto left =
      structured(session.call("pool_leave", {{"pool_id", "pool.a"}, {"run_id", run}}));
  CHECK(left["run_id"] == run);
  CHECK(structured(session.call("pool_members", {{"pool_id", "pool.a"}}))["members"].empty());
}

TEST_CASE("messages are sent, read, answered and acknowledged by tools") {
  const auto server = served::in_memory();
  member_session a{server, "run.a"};
  member_session b{server, "run.b"};
  const auto sent = structured(a.call(
      "pool_send", {{"to", {{"run", "run.b"}}}, {"text", "how are you?"}, {"replies_wanted", 1}}));
  CHECK(sent["status"] == "delivered");
  CHECK(sent["delivered_to"] == json{"run.b"});
  const auto got = structured(b.call("pool_inbox"))["messages"];
  REQUIRE(got.size() == 1);
  CHECK(got[0]["text"] == "how are you?");
  CHECK(got[0]["reply_wanted"] == true);
  CHECK(got[0]["sender"] == "anonymous");
  const json reply{{"message_id", sent["message_id"]}, {"text", "well"}};
  const auto answered = structured(b.call("pool_reply", reply));
  CHECK(answered["delivered_to"] == json{"run.a"});
  CHECK(structured(b.call("pool_reply", reply))["message_id"] == answered["message_id"]);
  const auto back = structured(a.call("pool_inbox"))["messages"];
  REQUIRE(back.size() == 1);
  CHECK(back[0]["reply_to"] == sent["message_id"]);
  CHECK(structured(a.call("pool_ack", {{"sequence", back[0]["sequence"]}}))["acked"] ==
        back[0]["sequence"]);
  CHECK(structured(a.call("pool_inbox"))["messages"].empty());
  const auto why = structured(
      a.session.call("pool_why", {{"pool_id", "pool.a"}, {"message_id", sent["message_id"]}}));
  CHECK(why["because"][0].get<std::string>().find("responded") != std::string::npos);
}

TEST_CASE("the same key twice is one effect, and with another body a conflict") {
  const auto server = served::in_memory();
  member_session a{server, "run.a"};
  member_session b{server, "run.b"};
  const json to{{"to", {{"run", "run.b"}}}, {"idempotency_key", "once"}};
  const auto first = structured(a.call("pool_send", also(to, {{"text", "one"}})));
  CHECK(structured(a.call("pool_send", also(to, {{"text", "one"}}))) == first);
  const auto other = a.call("pool_send", also(to, {{"text", "two"}}));
  REQUIRE(failed(other));
  CHECK(words(other).find("idempotency_key") != std::string::npos);
  CHECK(structured(b.call("pool_inbox"))["messages"].size() == 1);
}

TEST_CASE("contents are kept once by their names, text as text and bytes as base64") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto text = structured(session.call("content_put", {{"text", "hello"}}));
  CHECK(text["bytes"] == 5);
  const auto bytes = structured(session.call("content_put", {{"base64", "/wD/"}}));
  CHECK(structured(session.call("content_put", {{"base64", "aGVsbG8="}})) == text);
  CHECK(structured(session.call("content_get", {{"content_ref", text["content_ref"]}}))["text"] ==
        "hello");
  CHECK(structured(session.call("content_get",
                                {{"content_ref", bytes["content_ref"]}}))["base64"] == "/wD/");
  CHECK(failed(session.call("content_put", {{"base64", "no base64"}})));
  CHECK(failed(session.call("content_put", {{"text", "a"}, {"base64", "YQ=="}})));
  CHECK(failed(session.call("content_put", json::object())));
  CHECK(failed(session.call("content_get", {{"content_ref", "content.of.nobody"}})));
}

TEST_CASE("a page of messages with large bodies tells the short ones") {
  const auto server = served::in_memory();
  member_session a{server, "run.a"};
  member_session b{server, "run.b"};
  for (int i = 0; i < 6; ++i)
    structured(a.call("pool_send", {{"to", {{"run", "run.b"}}},
                                    {"text", i % 2 == 0 ? std::string(100'000, 'x')
                                                        : "short " + std::to_string(i)}}));
  const auto got = structured(b.call("pool_inbox"))["messages"];
  REQUIRE(got.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(got[i].contains("text") == (i % 2 == 1));
    if (i % 2 == 1) CHECK(got[i]["text"] == "short " + std::to_string(i));
  }
}

TEST_CASE("what happened is told in pages without a gap, also where much of it ends something") {
  const auto server = served::in_memory();
  member_session a{server, "run.a"};
  for (int i = 0; i < 20; ++i) a.call("pool_send", {{"to", {{"run", "run.none"}}}, {"text", "x"}});
  std::vector<std::string> places;
  json more{{"pool_id", "pool.a"}, {"max", 3}};
  for (;;) {
    const auto page = structured(a.session.call("pool_watch", more));
    for (const auto& event : page["events"]) places.push_back(event["place"]);
    if (!page.contains("next")) break;
    more["after"] = page["next"];
  }
  REQUIRE(places.size() == 22);
  for (std::size_t i = 0; i < places.size(); ++i) CHECK(places[i] == std::to_string(i + 1));
  CHECK(failed(a.session.call("pool_watch", {{"pool_id", "pool.a"}, {"after", "nowhere"}})));
}

TEST_CASE("wrong arguments are told with what would be right") {
  const auto server = served::in_memory();
  member_session a{server, "run.a"};
  const auto said = [&](const std::string& tool, const json& arguments) {
    const auto answer = a.session.call(tool, arguments);
    INFO(tool << " " << arguments.dump() << " " << answer.dump());
    REQUIRE(answer.contains("result"));
    REQUIRE(failed(answer));
    return words(answer);
  };
  const json me = a.me;
  CHECK(said("pool_join", {{"pool", "pool.a"}}).rfind("pool: is no argument", 0) == 0);
  CHECK(said("pool_join", json::object()).find("pool_id") != std::string::npos);
  CHECK(said("pool_join", {{"pool_id", ""}}).find("pool_id") != std::string::npos);
  CHECK(said("pool_leave", {{"pool_id", "pool.a"}}).find("run_id") != std::string::npos);
  CHECK(said("pool_members", {{"pool_id", "pool.none"}}).find("pool_join") != std::string::npos);
  CHECK(said("pool_send", also(me, {{"text", "x"}})).find("to") != std::string::npos);
  CHECK(said("pool_send", also(me, {{"to", json::object()}, {"text", "x"}})).find("exactly one") !=
        std::string::npos);
  CHECK(said("pool_send", also(me, {{"to", {{"run", "run.a"}}}})).find("exactly one of text") !=
        std::string::npos);
  CHECK(said("pool_send", also(me, {{"to", {{"run", "run.none"}}}, {"text", "x"}}))
            .find("reached nobody") != std::string::npos);
  CHECK(said("pool_send",
             also(me, {{"to", {{"run", "run.a"}}}, {"text", "x"}, {"reply_timeout_seconds", 1}}))
            .find("replies_wanted") != std::string::npos);
  CHECK(said("pool_reply", also(me, {{"message_id", "message.x"}, {"text", "x"}}))
            .find("no such message") != std::string::npos);
  CHECK(said("pool_inbox", also(me, {{"max", "many"}})).find("max") != std::string::npos);
  CHECK(said("pool_ack", me).find("sequence") != std::string::npos);
  CHECK(said("pool_wait", me).find("for") != std::string::npos);
  CHECK(said("pool_wait", also(me, {{"for", {{"kinds", {"no_such"}}}}})).find("for.kinds[0]") !=
        std::string::npos);
  CHECK(said("pool_wait", also(me, {{"cursor", "nonsense"}})).find("cursor") != std::string::npos);
  CHECK(said("pool_wait", also(me, {{"for", {{"run_end", "run.none"}}}})).find("no member") !=
        std::string::npos);
  CHECK(said("pool_why", {{"pool_id", "pool.a"}}).find("exactly one") != std::string::npos);
  CHECK(said("pool_status", {{"pool_id", "pool.none"}}).find("pool_join") != std::string::npos);
  mcp_session stranger{server};
  const auto stolen = stranger.call("pool_inbox", {{"pool_id", "pool.a"}, {"run_id", "run.a"}});
  REQUIRE(failed(stolen));
  CHECK(words(stolen).find("session_token") != std::string::npos);
}

TEST_CASE("a ring of waits is seen by who looks, and told by who asks why") {
  const auto server = served::in_memory();
  member_session a{server, "run.a"};
  member_session b{server, "run.b"};
  a.session.begin("pool_wait", also(a.me, {{"for", {{"run_end", "run.b"}}}}));
  b.session.begin("pool_wait", also(b.me, {{"for", {{"run_end", "run.a"}}}}));
  mcp_session observer{server};
  json waits;
  const auto end = std::chrono::steady_clock::now() + answer_wait_max;
  while (waits.size() < 2 && std::chrono::steady_clock::now() < end)
    waits = structured(observer.call("pool_status", {{"pool_id", "pool.a"}}))["waits"];
  REQUIRE(waits.size() == 2);
  for (const auto& wait : waits) CHECK(wait["in_cycle"] == true);
  const auto because = structured(
      observer.call("pool_why", {{"pool_id", "pool.a"}, {"run_id", "run.a"}}))["because"];
  CHECK(because.dump().find("part of a cycle") != std::string::npos);
}
