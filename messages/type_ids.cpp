#include "agentpool/messages/type_ids.hpp"

#include "agentpool/messages/error.hpp"
#include "agentpool/messages/inspect.hpp"

namespace agentpool::messages {

void add_to(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::agentpool>();
  config.add_message_type<member_run_actor>("agentpool::messages::member_run_actor");
  config.add_message_type<pool_actor>("agentpool::messages::pool_actor");
  config.add_message_type<journal_actor>("agentpool::messages::journal_actor");
  config.add_error_category(error_category,
                            [](std::uint8_t, caf::atom_value, const caf::message& context) {
                              if (!context.match_elements<core::agent_error>())
                                return std::string{"agentpool error"};
                              return core::to_text(context.get_as<core::agent_error>(0));
                            });
}

}  // namespace agentpool::messages
