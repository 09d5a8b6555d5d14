#pragma once

#include "agentpool/core/time.hpp"

namespace agentpool::actors {

/// The machine's wall clock: what an engine uses when it is given no other.
class system_clock final : public core::clock {
 public:
  [[nodiscard]] core::instant now() const override;
};

}  // namespace agentpool::actors
