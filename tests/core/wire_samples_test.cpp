#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/json.hpp"
#include "catch.hpp"

namespace core = agentpool::core;

namespace {

std::filesystem::path samples() {
  const char* folder = std::getenv("AGENTPOOL_WIRE_SAMPLES");
  return folder == nullptr ? std::filesystem::path{} : std::filesystem::path{folder};
}

/// The file's JSON in compact form, as the other implementation writes it.
std::string compact(const std::filesystem::path& file) {
  std::ifstream in{file};
  return nlohmann::ordered_json::parse(in).dump();
}

template <class T>
std::string round_trip(const std::string& text) {
  auto value = core::from_json<T>(text);
  return value ? core::to_json(*value) : value.error().message;
}

using reader = std::function<std::string(const std::string&)>;

/// Sample name up to its first dot → what reads and writes it again.
const std::map<std::string, reader>& readers() {
  static const std::map<std::string, reader> table{
      {"agent-pool-member", round_trip<core::pool_member>},
      {"agent-pool-snapshot", round_trip<core::pool_snapshot>},
      {"compiled-event-filter", round_trip<core::compiled_event_filter>},
      {"event-envelope", round_trip<core::event_envelope>},
      {"event-filter", round_trip<core::event_filter>},
      {"event-frame", round_trip<core::event_frame>},
      {"event-stream-scope", round_trip<core::event_stream_scope>},
      {"journal-payload", round_trip<core::journal_payload>},
      {"journal-record", round_trip<core::journal_record>},
      {"message-receipt", round_trip<core::message_receipt>},
      {"run-address", round_trip<core::run_address>},
      {"run-message", round_trip<core::run_message>},
      {"store-cursor", round_trip<core::store_cursor>},
      {"store-payload", round_trip<core::store_payload>},
      {"store-record", round_trip<core::store_record>},
      {"wake-condition", round_trip<core::wake_condition>},
      {"wake-registration", round_trip<core::wake_registration>},
  };
  return table;
}

/// True when the samples are there; says so when they are not.
bool have_samples() {
  if (std::filesystem::is_directory(samples())) return true;
  WARN("skipped: AGENTPOOL_WIRE_SAMPLES names no folder of samples");
  return false;
}

}  // namespace

TEST_CASE("every sample of the other implementation reads and writes back to the same bytes") {
  if (!have_samples()) return;
  int read = 0;
  for (const auto& file : std::filesystem::directory_iterator{samples()}) {
    const std::string name = file.path().filename().string();
    const auto found = readers().find(name.substr(0, name.find('.')));
    if (found == readers().end()) continue;
    INFO(name);
    const std::string text = compact(file.path());
    CHECK(found->second(text) == text);
    ++read;
  }
  CHECK(read > 100);
}

TEST_CASE("every enumeration has the texts of the other implementation, in its order") {
  if (!have_samples()) return;
  std::ifstream in{samples() / "enums.json"};
  const auto lists = nlohmann::json::parse(in);
  const auto same = [&]<class E>(E, const char* name) {
    INFO(name);
    const auto& texts = core::enum_text<E>::values;
    CHECK(std::vector<std::string>(texts.begin(), texts.end()) ==
          lists.at(name).get<std::vector<std::string>>());
  };
  same(core::agent_error_kind{}, "AgentErrorKind");
  same(core::pool_lifecycle_status{}, "AgentPoolLifecycleStatus");
  same(core::content_capture_mode{}, "ContentCaptureMode");
  same(core::destination_kind{}, "DestinationKind");
  same(core::effect_kind{}, "EffectKind");
  same(core::effect_terminal_status{}, "EffectTerminalStatus");
  same(core::entity_kind{}, "EntityKind");
  same(core::event_delivery_semantics{}, "EventDeliverySemantics");
  same(core::event_family{}, "EventFamily");
  same(core::event_index_field{}, "EventIndexField");
  same(core::event_kind{}, "EventKind");
  same(core::event_overflow_reason{}, "EventOverflowReason");
  same(core::journal_record_kind{}, "JournalRecordKind");
  same(core::message_status{}, "MessageStatus");
  same(core::payload_access_mode{}, "PayloadAccessMode");
  same(core::policy_kind{}, "PolicyKind");
  same(core::privacy_class{}, "PrivacyClass");
  same(core::resume_input_policy{}, "ResumeInputPolicy");
  same(core::retention_class{}, "RetentionClass");
  same(core::retry_classification{}, "RetryClassification");
  same(core::message_status{}, "RunMessageDeliveryStatus");
  same(core::source_kind{}, "SourceKind");
  same(core::subscriber_overflow_policy{}, "SubscriberOverflowPolicy");
  same(core::trust_class{}, "TrustClass");
  same(core::wake_registration_status{}, "WakeRegistrationStatus");
  same(core::wake_registration_status{}, "WakeTriggerStatus");
}

TEST_CASE("compiling a filter gives the fingerprint that the other implementation gives") {
  if (!have_samples()) return;
  int compiled = 0;
  for (const auto& file : std::filesystem::directory_iterator{samples()}) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with("compiled-event-filter.")) continue;
    INFO(name);
    auto expected = core::from_json<core::compiled_event_filter>(compact(file.path()));
    REQUIRE(expected);
    CHECK(core::to_json(core::compile(expected->criteria)) == core::to_json(*expected));
    ++compiled;
  }
  CHECK(compiled >= 7);
}

TEST_CASE("an address left out of a request is what the other implementation would make") {
  if (!have_samples()) return;
  for (const auto& file : std::filesystem::directory_iterator{samples()}) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with("run-address.")) continue;
    INFO(name);
    auto expected = core::from_json<core::run_address>(compact(file.path()));
    REQUIRE(expected);
    CHECK(core::address_of(expected->target) == *expected);
  }
}
