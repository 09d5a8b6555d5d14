#pragma once

#include "agentpool/core/time.hpp"

namespace agentpool::tools {

/// The system's clock. Only the program's outermost code makes one.
class real_clock : public core::clock {
 public:
  [[nodiscard]] core::instant now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace agentpool::tools
