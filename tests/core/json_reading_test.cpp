#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/json.hpp"
#include "catch.hpp"

namespace core = agentpool::core;
using json = nlohmann::ordered_json;

namespace {

json message() {
  return json::parse(R"({
    "message_id":"m","from":"run.a",
    "to":{"target":{"type":"run","run_id":"run.b"},
          "destination_ref":{"kind":"agent","id":"run.b","privacy":"content_refs_only",
                             "retention":"host_policy"},
          "related_refs":[{"kind":"run","id":"run.b","privacy":"content_refs_only"}]},
    "content_ref":"c","correlation":{"entries":[{"key":"k","value":"v"}]},
    "response_contract":{"expected_responses":1,"timeout_millis":5},
    "idempotency_key":"i","policy_refs":[{"kind":"host","id":"p"}]})");
}

/// Why a message is not read when the value at `pointer` is `value`; empty when it is read.
std::string fault_with(const std::string& pointer, const std::string& value) {
  std::string text = message().dump();
  auto tree = message();
  tree[json::json_pointer{pointer}] = "@@";
  text = tree.dump();
  text.replace(text.find("\"@@\""), 4, value);
  const auto read = core::from_json<core::run_message>(text, core::reading::request, "message");
  return read ? "" : read.error().message;
}

template <class T>
std::string fault_of(const std::string& text, core::reading how = core::reading::strict) {
  const auto read = core::from_json<T>(text, how);
  return read ? "" : read.error().message;
}

std::string without(json tree, const std::string& pointer) {
  const json::json_pointer at{pointer};
  tree.at(at.parent_pointer()).erase(at.back());
  return tree.dump();
}

}  // namespace

TEST_CASE("an error names the JSON path of the value and what would be right") {
  struct bad_value {
    const char* pointer;
    const char* value;
    const char* fault;
  };
  const std::vector<bad_value> cases{
      {"/message_id", "null", "message.message_id: must be a string, not null"},
      {"/message_id", "7", "message.message_id: must be a string, not a number"},
      {"/message_id", "true", "message.message_id: must be a string, not a boolean"},
      {"/message_id", "[]", "message.message_id: must be a string, not a list"},
      {"/message_id", "{}", "message.message_id: must be a string, not an object"},
      {"/message_id", R"("")", "message.message_id: MessageId must not be empty"},
      {"/from", R"("a\u0085")", "message.from: RunId must not contain control characters (byte 1)"},
      {"/from", R"("a\u0000")", "message.from: RunId must not contain control characters (byte 1)"},
      {"/to", "[]", "message.to: must be an object, not a list"},
      {"/to/target", "\"run\"", "message.to.target: must be an object, not a string"},
      {"/to/target", "{}", "message.to.target.type: is missing"},
      {"/to/target/type", "null", "message.to.target.type: must be a string, not null"},
      {"/to/target/type", "\"Run\"", "message.to.target.type: is not a known value"},
      {"/to/target/type", "\"topic\"", "message.to.target.topic_id: is missing"},
      {"/to/destination_ref", "null", "message.to.destination_ref: must be an object, not null"},
      {"/to/destination_ref/kind", "\"run\"",
       "message.to.destination_ref.kind: is not a known DestinationKind"},
      {"/to/related_refs", "{}", "message.to.related_refs: must be a list, not an object"},
      {"/to/related_refs", "null", "message.to.related_refs: must be a list, not null"},
      {"/to/related_refs/0/kind", "\"\"",
       "message.to.related_refs[0].kind: is not a known EntityKind"},
      {"/to/related_refs/0", "null", "message.to.related_refs[0]: must be an object, not null"},
      {"/correlation/entries/0/value", "1",
       "message.correlation.entries[0].value: must be a string, not a number"},
      {"/response_contract/expected_responses", "\"1\"",
       "message.response_contract.expected_responses: must be a whole number, not a string"},
      {"/policy_refs/0/version", "1",
       "message.policy_refs[0].version: must be a string, not a number"},
  };
  for (const auto& bad : cases) {
    INFO(bad.pointer << " = " << bad.value);
    CHECK(fault_with(bad.pointer, bad.value) == bad.fault);
  }
}

TEST_CASE("a value too long for an identifier is refused and its length named") {
  CHECK(fault_with("/content_ref", '"' + std::string(512, 'x') + '"').empty());
  CHECK(fault_with("/content_ref", '"' + std::string(513, 'x') + '"') ==
        "message.content_ref: ContentRef must have at most 512 bytes, not 513");
}

TEST_CASE("a number outside its range or with a fraction is refused, none is rounded") {
  const auto u32 = "/response_contract/expected_responses";
  const auto u64 = "/response_contract/timeout_millis";
  CHECK(fault_with(u32, "4294967295").empty());
  CHECK(fault_with(u64, "18446744073709551615").empty());
  for (const auto* number : {"4294967296", "-1", "-0", "1.0", "1.5", "1e2", "1e400", "1E-400"}) {
    INFO(number);
    CHECK(fault_with(u32, number) ==
          "message.response_contract.expected_responses: must be a whole number from 0 to "
          "4294967295");
  }
  for (const auto* number : {"18446744073709551616", "-1", "0.0", "1e400"}) {
    INFO(number);
    CHECK(fault_with(u64, number) ==
          "message.response_contract.timeout_millis: must be a whole number from 0 to "
          "18446744073709551615");
  }
}

TEST_CASE("a 16-bit number outside its range is refused") {
  auto record = json::parse(R"({"schema_version":65536})").dump();
  CHECK(fault_of<core::event_envelope>(record) ==
        "schema_version: must be a whole number from 0 to 65535");
  CHECK(fault_of<core::event_envelope>(R"({"schema_version":65535})") == "event_id: is missing");
}

TEST_CASE("a text that is no JSON object names no path") {
  CHECK(fault_of<core::run_message>("[]") == "value: must be an object, not a list");
  CHECK(fault_of<core::run_message>("null") == "value: must be an object, not null");
  CHECK(fault_of<core::run_message>(message().dump() + "x").starts_with("not JSON: "));
}

TEST_CASE("each required field of a message is missed by its path") {
  for (const auto* field :
       {"message_id", "from", "to", "content_ref", "correlation", "idempotency_key"}) {
    CHECK(fault_of<core::run_message>(without(message(), std::string{"/"} + field)) ==
          std::string{field} + ": is missing");
  }
  CHECK(fault_of<core::run_message>(without(message(), "/to/destination_ref")) ==
        "to.destination_ref: is missing");
  CHECK(fault_of<core::run_message>(without(message(), "/to/target/run_id")) ==
        "to.target.run_id: is missing");
}

TEST_CASE("optional fields may be missing or null, lists may be missing") {
  auto sparse = message();
  sparse.erase("policy_refs");
  sparse["reply_to"] = nullptr;
  sparse["response_contract"] = nullptr;
  const auto read = core::from_json<core::run_message>(sparse.dump());
  REQUIRE(read);
  CHECK_FALSE(read->reply_to);
  CHECK_FALSE(read->response_contract);
  CHECK_FALSE(read->expires_at_millis);
  CHECK(read->policy_refs.empty());
}

TEST_CASE("unknown fields are ignored wherever they stand") {
  auto more = message();
  more["x"] = {{"message_id", 1}};
  more["to"]["x"] = nullptr;
  more["to"]["target"]["agent_id"] = 7;
  more["policy_refs"][0]["x"] = json::array();
  const auto plain = core::from_json<core::run_message>(message().dump());
  const auto read = core::from_json<core::run_message>(more.dump());
  REQUIRE(read);
  CHECK(*read == *plain);
}

TEST_CASE("fields may come in any order") {
  json turned = json::object();
  const auto in_order = message();
  for (auto at = in_order.rbegin(); at != in_order.rend(); ++at) turned[at.key()] = *at;
  CHECK(*core::from_json<core::run_message>(turned.dump()) ==
        *core::from_json<core::run_message>(in_order.dump()));
}

TEST_CASE("a request may leave out destination, related refs and correlation of a message") {
  auto asked = message();
  asked["to"].erase("destination_ref");
  asked["to"].erase("related_refs");
  asked.erase("correlation");
  const auto read = core::from_json<core::run_message>(asked.dump(), core::reading::request);
  REQUIRE(read);
  CHECK(read->to == core::address_of(core::to_run{core::run_id{"run.b"}}));
  CHECK(read->correlation.entries.empty());
}

TEST_CASE("a request's own destination and related refs are kept") {
  auto asked = message();
  asked["to"]["related_refs"] = json::array();
  asked["to"]["destination_ref"]["id"] = "elsewhere";
  const auto read = core::from_json<core::run_message>(asked.dump(), core::reading::request);
  REQUIRE(read);
  CHECK(read->to.related_refs.empty());
  CHECK(read->to.destination_ref.id.text() == "elsewhere");
}

TEST_CASE("a request may leave out every field of a filter, a log none") {
  const auto read = core::from_json<core::event_filter>("{}", core::reading::request);
  REQUIRE(read);
  CHECK(*read == core::event_filter{});
  CHECK(json::parse(core::to_json(*read))["queue"].dump() ==
        R"({"capacity":64,"terminal_reserve":1,"overflow":"drop_non_terminal"})");
  const auto whole = json::parse(core::to_json(core::event_filter{}));
  for (const auto& [name, value] : whole.items())
    CHECK(fault_of<core::event_filter>(without(whole, "/" + name)) == name + ": is missing");
  for (const auto* name : {"capacity", "terminal_reserve", "overflow"})
    CHECK(fault_of<core::event_filter>(without(whole, std::string{"/queue/"} + name)) ==
          std::string{"queue."} + name + ": is missing");
}

TEST_CASE("a request may leave out the policies of a pool, a log none") {
  const auto read = core::from_json<core::pool_config>("{}", core::reading::request);
  REQUIRE(read);
  CHECK(*read == core::pool_config{});
  CHECK(fault_of<core::pool_config>("{}") == "message_policy: is missing");
  CHECK(fault_of<core::pool_config>(R"({"message_policy":{}})") ==
        "message_policy.include_sender_in_pool_broadcast: is missing");
}

TEST_CASE("a set is everything or a list of what it includes") {
  const auto with = [](const char* set) {
    return fault_of<core::event_filter>(std::string{R"({"run_ids":)"} + set + "}",
                                        core::reading::request);
  };
  CHECK(with(R"("any")").empty());
  CHECK(with(R"({"include":[]})").empty());
  for (const auto* bad : {R"("all")", R"([])", "null", "{}", R"({"exclude":[]})", "1"}) {
    INFO(bad);
    CHECK(with(bad) == "run_ids: must be \"any\" or {\"include\": [...]}");
  }
  CHECK(with(R"({"include":["a",""]})") == "run_ids.include[1]: RunId must not be empty");
  CHECK(with(R"({"include":null})") == "run_ids.include: must be a list, not null");
}

TEST_CASE("a queue needs a place and a reserve") {
  const auto with = [](const char* queue) {
    return fault_of<core::event_filter>(std::string{R"({"queue":)"} + queue + "}",
                                        core::reading::request);
  };
  CHECK(with(R"({"capacity":0})") == "queue.capacity: must be at least 1");
  CHECK(with(R"({"terminal_reserve":0})") == "queue.terminal_reserve: must be at least 1");
  CHECK(with(R"({"overflow":"drop"})") ==
        "queue.overflow: is not a known SubscriberOverflowPolicy");
  CHECK(with(R"({"capacity":-1})") ==
        "queue.capacity: must be a whole number from 0 to 18446744073709551615");
}

TEST_CASE("a cursor's scope is whole, a run's, an agent's or a filter's") {
  const auto back = [](const std::string& text) {
    const auto read = core::from_json<core::event_stream_scope>(text);
    return read ? core::to_json(*read) : read.error().message;
  };
  for (const auto* scope : {R"("all")", R"({"run":"r"})", R"({"agent":"a"})",
                            R"({"filter":{"filter_id":"f","filter_fingerprint":"p"}})"})
    CHECK(back(scope) == scope);
  CHECK(back(R"("any")") == "value: must be \"all\" or an object with run, agent or filter");
  CHECK(back("{}") == "value: must be \"all\" or an object with run, agent or filter");
  CHECK(back(R"({"filter":{"filter_id":"f"}})") == "filter.filter_fingerprint: is missing");
}

TEST_CASE("payloads of other components are kept as they came") {
  const auto back = [](const std::string& text) {
    const auto read = core::from_json<core::journal_payload>(text);
    return read ? core::to_json(*read) : read.error().message;
  };
  const std::string odd =
      R"({"z":1.10,"type":"tool","a":[18446744073709551616,1e400,-0,null],"e":"\u00e9\/"})";
  CHECK(back(odd) == odd);
  CHECK(back("{ \"type\" : \"hook\" ,\n \"a b\" : \" \" }") == R"({"type":"hook","a b":" "})");
  CHECK(back(R"({"type":"nothing"})") == "type: is not a known value");
  CHECK(back(R"({"kind":"tool"})") == "type: is missing");
}

TEST_CASE("a log entry that cannot be read says where, deep inside") {
  CHECK(fault_of<core::store_record>(
            R"({"pool_id":"p","cursor":{"sequence":1},"payload":{"type":"member_joined",
                "member":{"run_id":"r","agent_id":"a","topics":["t",7]}}})") ==
        "payload.member.topics[1]: must be a string, not a number");
}

TEST_CASE("texts keep every character, NUL and control characters included") {
  core::entity_ref ref = core::entity(core::entity_kind::run, "r");
  ref.redacted_summary = std::string("\0\x01\x1f\x7f\"\\\n\u2028", 10);
  const auto text = core::to_json(ref);
  CHECK(text.find("\\u0000\\u0001\\u001f\x7f\\\"\\\\\\n") != std::string::npos);
  CHECK(core::from_json<core::entity_ref>(text)->redacted_summary == ref.redacted_summary);
}

TEST_CASE("a text of five megabytes is read") {
  core::entity_ref ref = core::entity(core::entity_kind::run, "r");
  ref.redacted_summary = std::string(5'000'000, 'x');
  CHECK(core::from_json<core::entity_ref>(core::to_json(ref))->redacted_summary ==
        ref.redacted_summary);
}
