#include "agentpool/sim/check.hpp"

namespace agentpool::sim {

std::vector<std::unique_ptr<check>> standard_checks() { return {}; }

}  // namespace agentpool::sim
