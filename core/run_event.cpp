#include "agentpool/core/run_event.hpp"

#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/digest.hpp"

namespace agentpool::core {

agent_event run_event(run_event_draft draft, instant now) {
  agent_event event;
  auto& envelope = event.envelope;
  const auto& run = draft.run.text();
  envelope.schema_version = 1;
  envelope.event_id = std::move(draft.id);
  envelope.event_family = draft.family;
  envelope.event_kind = draft.kind;
  envelope.payload_schema_version = 1;
  envelope.timestamp = rfc3339(to_millis(now));
  envelope.recorded_at = envelope.timestamp;
  envelope.run_id = draft.run;
  envelope.agent_id = std::move(draft.agent);
  envelope.trace_id = trace_id{derived_id("trace.run.", run)};
  envelope.span_id = span_id{derived_id("span.run.", run)};
  envelope.subject_ref = entity(entity_kind::run, run);
  envelope.source.kind = source_kind::sdk;
  envelope.source.id = source_id{std::move(draft.source)};
  envelope.source.trust = trust_class::host_provided;
  envelope.source.privacy = privacy_class::content_refs_only;
  envelope.delivery_semantics = event_delivery_semantics::journal_backed;
  envelope.privacy = privacy_class::content_refs_only;
  envelope.content_capture = content_capture_mode::off;
  envelope.redaction_policy_id = "redaction.agent_pool.default";
  envelope.runtime_package_fingerprint = "runtime.package.fingerprint.agent_pool";
  event.payload = redacted_summary_payload{std::move(draft.summary), {}};
  return event;
}

agent_event denial_event(const pool_member& member, const std::string& source, instant now,
                         std::uint64_t number) {
  run_event_draft draft;
  draft.id =
      event_id{derived_id("event.denied.", member.run_id.text(),
                          "." + std::to_string(to_millis(now)) + "." + std::to_string(number))};
  draft.family = event_family::extension;
  draft.kind = event_kind::extension_action_denied;
  draft.run = member.run_id;
  draft.agent = member.agent_id;
  draft.source = source;
  draft.summary = "an act for the run was denied";
  return run_event(std::move(draft), now);
}

}  // namespace agentpool::core
