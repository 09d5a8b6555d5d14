#include "agentpool/core/error.hpp"
#include "agentpool/core/strong_id.hpp"
#include "agentpool/core/utf8.hpp"

namespace agentpool::core {

std::size_t utf8_sequence_bytes(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto between = [](unsigned value, unsigned low, unsigned high) {
    return value >= low && value <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  std::size_t length = 0;
  if (between(lead, 0xC2, 0xDF)) length = 2;
  if (between(lead, 0xE0, 0xEF)) length = 3;
  if (between(lead, 0xF0, 0xF4)) length = 4;
  if (length == 0 || !between(byte(1), low, high)) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!between(byte(i), 0x80, 0xBF)) return 0;
  return length;
}

namespace {

bool is_control(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x20 || lead == 0x7F) return true;
  return lead == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

}  // namespace

std::string identifier_fault(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (text.size() > identifier_bytes_max)
    return "must have at most " + std::to_string(identifier_bytes_max) + " bytes, not " +
           std::to_string(text.size());
  for (auto at = end_of_plain<>(text, 0); at < text.size(); at = end_of_plain<>(text, at)) {
    const std::size_t bytes = utf8_sequence_bytes(text, at);
    if (bytes == 0) return "must be valid UTF-8 (byte " + std::to_string(at) + ")";
    if (is_control(text, at))
      return "must not contain control characters (byte " + std::to_string(at) + ")";
    at += bytes;
  }
  return {};
}

namespace detail {

void require_identifier(std::string_view type, std::string_view text) {
  if (auto fault = identifier_fault(text); !fault.empty())
    throw bad_identifier{std::string{type} + " " + fault};
}

}  // namespace detail

namespace {

agent_error make(agent_error_kind kind, retry_classification retry, std::string&& message,
                 std::vector<entity_ref>&& about) {
  return {kind, retry, std::move(message), std::move(about)};
}

}  // namespace

agent_error invalid_transition(std::string message, std::vector<entity_ref> about) {
  return make(agent_error_kind::invalid_state_transition, retry_classification::not_retryable,
              std::move(message), std::move(about));
}

agent_error contract_violation(std::string message, std::vector<entity_ref> about) {
  return make(agent_error_kind::invalid_state_transition, retry_classification::repair_needed,
              std::move(message), std::move(about));
}

agent_error host_configuration_needed(std::string message, std::vector<entity_ref> about) {
  return make(agent_error_kind::host_configuration_needed,
              retry_classification::host_configuration_needed, std::move(message),
              std::move(about));
}

agent_error store_unavailable(std::string message, std::vector<entity_ref> about) {
  return make(agent_error_kind::journal_failure, retry_classification::retryable,
              std::move(message), std::move(about));
}

agent_error store_corrupt(std::string message, std::vector<entity_ref> about) {
  return make(agent_error_kind::recovery_repair_needed, retry_classification::repair_needed,
              std::move(message), std::move(about));
}

agent_error policy_denied(std::string message, std::vector<entity_ref> about) {
  return {agent_error_kind::policy_denial, retry_classification::not_retryable, std::move(message),
          std::move(about)};
}

agent_error overloaded(std::string message, std::vector<entity_ref> about) {
  return make(agent_error_kind::timeout, retry_classification::retryable, std::move(message),
              std::move(about));
}

std::string to_text(const agent_error& error) {
  return std::string{to_text(error.kind)} + ": " + error.message;
}

}  // namespace agentpool::core
