#pragma once

#include <string>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/refs.hpp"

namespace agentpool::core {

/// Why an operation was refused. `message` says what was wrong and what would be right, never a
/// message body; `about` lists what it is about and stays inside the program.
struct agent_error {
  agent_error_kind kind{};
  retry_classification retry{};
  std::string message;
  std::vector<entity_ref> about;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("retry", self.retry);
    visit("message", self.message);
    visit("about", self.about);
  }
  friend bool operator==(const agent_error&, const agent_error&) = default;
};

/// The pool's state does not allow it and will not: InvalidStateTransition / NotRetryable.
[[nodiscard]] agent_error invalid_transition(std::string message,
                                             std::vector<entity_ref> about = {});

/// The caller broke the contract: InvalidStateTransition / RepairNeeded.
[[nodiscard]] agent_error contract_violation(std::string message,
                                             std::vector<entity_ref> about = {});

/// The host has to set something up first: HostConfigurationNeeded / HostConfigurationNeeded.
[[nodiscard]] agent_error host_configuration_needed(std::string message,
                                                    std::vector<entity_ref> about = {});

/// The store could not write or read now; nothing was recorded and the same call may be
/// repeated with the same key: JournalFailure / Retryable.
[[nodiscard]] agent_error store_unavailable(std::string message,
                                            std::vector<entity_ref> about = {});

/// The store holds something that is not a log: RecoveryRepairNeeded / RepairNeeded.
[[nodiscard]] agent_error store_corrupt(std::string message, std::vector<entity_ref> about = {});

/// A bound was reached and nothing was recorded; repeat later: Timeout / Retryable.
[[nodiscard]] agent_error overloaded(std::string message, std::vector<entity_ref> about = {});

/// Who asks may not do that: PolicyDenial / NotRetryable.
[[nodiscard]] agent_error policy_denied(std::string message, std::vector<entity_ref> about = {});

/// "kind: message", for logs and standard error.
[[nodiscard]] std::string to_text(const agent_error& error);

}  // namespace agentpool::core
