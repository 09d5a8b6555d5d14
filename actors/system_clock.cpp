#include "agentpool/actors/system_clock.hpp"

namespace agentpool::actors {

core::instant system_clock::now() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace agentpool::actors
