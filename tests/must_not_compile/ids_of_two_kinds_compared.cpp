// needs: include/agentpool/core/strong_id.hpp
// expect: no match for .operator==|invalid operands
#include <agentpool/core/strong_id.hpp>

using agent_id = agentpool::core::strong_id<struct agent_id_tag>;
using run_id = agentpool::core::strong_id<struct run_id_tag>;

#ifdef MUST_COMPILE
bool try_it(const run_id& a, const run_id& b) { return a == b; }
#else
bool try_it(const agent_id& a, const run_id& b) { return a == b; }
#endif
