#include "otlp.hpp"

#include "agentpool/core/json_tree.hpp"

namespace agentpool::tools {

namespace {

void text(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  core::write_json_string(out, name);
  out += ':';
  core::write_json_string(out, value);
}

void attribute(std::string& out, std::string_view name,
               const std::variant<std::string, std::uint64_t>& value) {
  out += "{";
  text(out, "key", name);
  out += ",\"value\":{";
  // 64-bit integers are text in this JSON.
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    text(out, "intValue", std::to_string(*number));
  } else {
    text(out, "stringValue", std::get<std::string>(value));
  }
  out += "}}";
}

void append(std::string& out, const trace_span& span) {
  out += '{';
  text(out, "traceId", span.at.trace_id);
  text(out, "spanId", span.at.span_id);
  if (!span.parent.empty()) text(out, "parentSpanId", span.parent);
  text(out, "name", span.name);
  out += ",\"kind\":" + std::to_string(static_cast<int>(span.kind));
  text(out, "startTimeUnixNano", std::to_string(span.begin_nanos));
  text(out, "endTimeUnixNano", std::to_string(span.end_nanos));
  out += ",\"attributes\":[";
  bool first = true;
  for (const auto& [name, value] : span.attributes) {
    if (!first) out += ',';
    first = false;
    attribute(out, name, value);
  }
  out += "],\"status\":{";
  if (!span.failure.empty()) {
    text(out, "message", span.failure);
    out += ",\"code\":2";
  }
  out += "}}";
}

}  // namespace

std::string otlp_json(std::span<const trace_span> spans, std::string_view service,
                      std::string_view version) {
  std::string out = R"({"resourceSpans":[{"resource":{"attributes":[)";
  attribute(out, "service.name", std::string{service});
  out += ',';
  attribute(out, "service.version", std::string{version});
  out += R"(]},"scopeSpans":[{"scope":{"name":"agentpool"},"spans":[)";
  bool first = true;
  for (const auto& span : spans) {
    if (!first) out += ',';
    first = false;
    append(out, span);
  }
  return out + "]}]}]}";
}

}  // namespace agentpool::tools
