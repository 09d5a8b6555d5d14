// needs: include/agentpool/core/strong_id.hpp
// expect: could not convert|no matching function
#include <agentpool/core/strong_id.hpp>

#include <string>

using agent_id = agentpool::core::strong_id<struct agent_id_tag>;
using run_id = agentpool::core::strong_id<struct run_id_tag>;

void leave(run_id run);

#ifdef MUST_COMPILE
void try_it(run_id id) { leave(id); }
#else
void try_it(agent_id id) { leave(id); }
#endif
