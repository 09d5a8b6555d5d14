#include "agentpool/core/filter.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "support/generators.hpp"

namespace core = agentpool::core;
using json = nlohmann::json;

namespace {

/// Each set of a filter, the values of an event that it looks at, and its index field.
struct filtered {
  std::string set;
  std::vector<std::string> pointers;  ///< To one value, or to a list and its elements' field.
  std::string index_field;
};

const std::vector<filtered>& filtered_fields() {
  static const std::vector<filtered> fields{
      {"run_ids", {"/run_id"}, "run_id"},
      {"session_ids", {"/session_id"}, "session_id"},
      {"agent_ids", {"/agent_id"}, "agent_id"},
      {"turn_ids", {"/turn_id"}, "turn_id"},
      {"families", {"/event_family"}, "event_family"},
      {"kinds", {"/event_kind"}, "event_kind"},
      {"source_kinds", {"/source/kind"}, "source"},
      {"destination_kinds", {"/destination/kind"}, "destination"},
      {"subject_kinds", {"/subject_ref/kind"}, "subject_kind"},
      {"related_entity_kinds", {"/related_refs", "/kind"}, "related_entity_kind"},
      {"correlation_keys", {"/correlation/entries", "/key"}, "correlation_key"},
      {"tags", {"/tags", ""}, "tag"},
      {"privacy_classes", {"/privacy"}, "privacy"},
      {"delivery_semantics", {"/delivery_semantics"}, "delivery_semantics"}};
  return fields;
}

json values_of(const json& event, const filtered& field) {
  json values = json::array();
  const json::json_pointer at{field.pointers[0]};
  if (!event.contains(at)) return values;
  if (field.pointers.size() == 1) return json::array({event.at(at)});
  for (const auto& element : event.at(at))
    values.push_back(element.at(json::json_pointer{field.pointers[1]}));
  return values;
}

/// What matching should be, said over the JSON of both.
bool naively_matches(const json& filter, const json& event, bool terminal) {
  if (filter.at("terminal_only").get<bool>() && !terminal) return false;
  return std::all_of(filtered_fields().begin(), filtered_fields().end(), [&](const auto& field) {
    const auto& set = filter.at(field.set);
    if (set == "any") return true;
    const auto& include = set.at("include");
    const auto values = values_of(event, field);
    return std::any_of(values.begin(), values.end(), [&](const auto& value) {
      return std::find(include.begin(), include.end(), value) != include.end();
    });
  });
}

/// A filter whose only set is that one.
core::event_filter only(const std::string& set, const std::string& include) {
  return core::from_json<core::event_filter>("{\"" + set + "\":{\"include\":" + include + "}}",
                                             core::reading::request)
      .value();
}

core::entity_ref entity(core::entity_kind kind) {
  core::entity_ref ref;
  ref.kind = kind;
  ref.id = core::entity_id{"e"};
  return ref;
}

/// An event with a value for each set.
core::event_envelope event() {
  core::event_envelope made;
  made.event_kind = core::event_kind::tool_started;
  made.event_family = core::event_family::tool;
  made.run_id = core::run_id{"run"};
  made.session_id = core::session_id{"session"};
  made.agent_id = core::agent_id{"agent"};
  made.turn_id = core::turn_id{"turn"};
  made.event_id = core::event_id{"event"};
  made.trace_id = core::trace_id{"trace"};
  made.span_id = core::span_id{"span"};
  made.source.kind = core::source_kind::tool;
  made.source.id = core::source_id{"source"};
  made.destination = core::destination_ref{};
  made.destination->kind = core::destination_kind::topic;
  made.destination->id = core::destination_id{"destination"};
  made.subject_ref = entity(core::entity_kind::tool_call);
  made.related_refs = {entity(core::entity_kind::turn), entity(core::entity_kind::run)};
  made.correlation.entries = {{core::correlation_key{"k1"}, core::correlation_value{"v"}},
                              {core::correlation_key{"k2"}, core::correlation_value{"v"}}};
  made.tags = {core::event_tag{"t1"}, core::event_tag{"t2"}};
  made.privacy = core::privacy_class::internal;
  made.delivery_semantics = core::event_delivery_semantics::journal_backed;
  return made;
}

}  // namespace

TEST_CASE("a filter that sets nothing matches every event") {
  CHECK(core::matches({}, event()));
  CHECK(core::matches({}, core::event_envelope{}));
}

TEST_CASE("each set matches the event's value and nothing else") {
  const std::vector<std::pair<const char*, std::pair<const char*, const char*>>> cases{
      {"run_ids", {R"(["x","run"])", R"(["x","agent"])"}},
      {"session_ids", {R"(["session"])", R"(["x"])"}},
      {"agent_ids", {R"(["agent"])", R"(["run"])"}},
      {"turn_ids", {R"(["turn"])", R"(["x"])"}},
      {"families", {R"(["run","tool"])", R"(["run"])"}},
      {"kinds", {R"(["tool_started"])", R"(["tool_completed"])"}},
      {"source_kinds", {R"(["tool"])", R"(["sdk","host"])"}},
      {"destination_kinds", {R"(["topic"])", R"(["agent"])"}},
      {"subject_kinds", {R"(["tool_call"])", R"(["turn","run"])"}},
      {"related_entity_kinds", {R"(["run"])", R"(["tool_call"])"}},
      {"correlation_keys", {R"(["k2"])", R"(["v"])"}},
      {"tags", {R"(["x","t2"])", R"(["t"])"}},
      {"privacy_classes", {R"(["internal"])", R"(["public"])"}},
      {"delivery_semantics", {R"(["journal_backed"])", R"(["best_effort_live"])"}}};
  REQUIRE(cases.size() == filtered_fields().size());
  for (const auto& [set, includes] : cases) {
    INFO(set);
    CHECK(core::matches(only(set, includes.first), event()));
    CHECK_FALSE(core::matches(only(set, includes.second), event()));
    CHECK_FALSE(core::matches(only(set, "[]"), event()));
  }
}

TEST_CASE("a set on a field that the event does not have does not match") {
  auto bare = event();
  bare.session_id.reset();
  bare.turn_id.reset();
  bare.destination.reset();
  bare.related_refs.clear();
  bare.correlation.entries.clear();
  bare.tags.clear();
  CHECK(core::matches({}, bare));
  CHECK_FALSE(core::matches(only("session_ids", R"(["session"])"), bare));
  CHECK_FALSE(core::matches(only("turn_ids", R"(["turn"])"), bare));
  CHECK_FALSE(core::matches(only("destination_kinds", R"(["topic"])"), bare));
  CHECK_FALSE(core::matches(only("related_entity_kinds", R"(["run"])"), bare));
  CHECK_FALSE(core::matches(only("correlation_keys", R"(["k1"])"), bare));
  CHECK_FALSE(core::matches(only("tags", R"(["t1"])"), bare));
}

TEST_CASE("every set has to match") {
  auto both = only("run_ids", R"(["run"])");
  both.kinds.include = {core::event_kind::tool_started};
  CHECK(core::matches(both, event()));
  both.agent_ids.include = {core::agent_id{"another"}};
  CHECK_FALSE(core::matches(both, event()));
}

TEST_CASE("terminal only asks for a terminal kind") {
  core::event_filter filter;
  filter.terminal_only = true;
  auto happened = event();
  CHECK_FALSE(core::matches(filter, happened));
  happened.event_kind = core::event_kind::tool_completed;
  CHECK(core::matches(filter, happened));
  happened.event_kind = core::event_kind::run_message_delivered;
  CHECK_FALSE(core::matches(filter, happened));
}

TEST_CASE("matching is what the JSON of filter and event says") {
  CHECK(rc::check("as over JSON", [] {
    auto filter = *generators::event_filter();
    const auto happened = *generators::any<core::event_envelope>();
    // Sets that rarely match hide each other: keep a few only.
    if (*rc::gen::arbitrary<bool>()) filter.kinds.include.reset();
    if (*rc::gen::arbitrary<bool>()) filter.families.include.reset();
    if (*rc::gen::arbitrary<bool>()) filter.run_ids.include.reset();
    if (*rc::gen::arbitrary<bool>()) filter.subject_kinds.include = {happened.subject_ref.kind};
    const bool expected =
        naively_matches(json::parse(core::to_json(filter)), json::parse(core::to_json(happened)),
                        core::is_terminal(happened.event_kind));
    RC_ASSERT(core::matches(filter, happened) == expected);
  }));
}

TEST_CASE("each single set matches as over JSON") {
  for (const auto& field : filtered_fields()) {
    CHECK(rc::check(field.set, [&field] {
      const auto all = json::parse(core::to_json(*generators::event_filter()));
      const auto happened = *generators::any<core::event_envelope>();
      const json one{{field.set, all.at(field.set)}};
      const auto filter =
          core::from_json<core::event_filter>(one.dump(), core::reading::request).value();
      RC_ASSERT(core::matches(filter, happened) ==
                naively_matches(json::parse(core::to_json(filter)),
                                json::parse(core::to_json(happened)),
                                core::is_terminal(happened.event_kind)));
    }));
  }
}

TEST_CASE("the default filter has the fingerprint and id that the other implementation gives") {
  const auto compiled = core::compile({});
  CHECK(compiled.filter_fingerprint.text() ==
        "sha256:d921a7778382804f8b8ce99b4794e8065e387815cf5a670b3084595989f67548");
  CHECK(compiled.filter_id.text() ==
        "filter.5893e28a60be796092a2aff3d1aeedd99c797fe02b8b21ed6afedabe44eb2f5c");
  CHECK(compiled.indexed_fields.empty());
  CHECK(compiled.criteria == core::event_filter{});
}

TEST_CASE("compiling lists the constrained fields in the order of the index fields") {
  json all = json::object();
  std::vector<std::string> names;
  for (const auto& field : filtered_fields()) {
    all[field.set] = {{"include", json::array()}};
    names.push_back(field.index_field);
    const auto alone = core::compile(only(field.set, "[]"));
    REQUIRE(alone.indexed_fields.size() == 1);
    CHECK(core::to_text(alone.indexed_fields[0]) == field.index_field);
  }
  const auto compiled = core::compile(
      core::from_json<core::event_filter>(all.dump(), core::reading::request).value());
  std::vector<std::string> listed;
  for (const auto field : compiled.indexed_fields) listed.emplace_back(core::to_text(field));
  CHECK(listed == names);
}

TEST_CASE("filters that differ in anything have different fingerprints") {
  const core::event_filter plain;
  core::event_filter other;
  other.queue.capacity = 65;
  CHECK(core::fingerprint(other) != core::fingerprint(plain));
  CHECK(core::fingerprint(only("tags", "[]")) != core::fingerprint(plain));
  CHECK(core::fingerprint(only("tags", R"(["a","b"])")) !=
        core::fingerprint(only("tags", R"(["b","a"])")));
}

TEST_CASE("the scope of a filter's cursors is its compiled id and fingerprint") {
  CHECK(rc::check("scope_of", [] {
    const auto filter = *generators::event_filter();
    const auto compiled = core::compile(filter);
    const auto scope = core::scope_of(filter);
    RC_ASSERT(scope.filter_id == compiled.filter_id);
    RC_ASSERT(scope.filter_fingerprint == compiled.filter_fingerprint);
    RC_ASSERT(compiled.payload_access == filter.payload_access);
    RC_ASSERT(compiled.queue == filter.queue);
  }));
}
