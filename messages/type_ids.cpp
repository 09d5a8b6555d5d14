#include "agentpool/messages/type_ids.hpp"

#include "agentpool/messages/error.hpp"
#include "agentpool/messages/inspect.hpp"

namespace agentpool::messages {

namespace {

template <class... Messages>
std::set<std::string, std::less<>> names_of() {
  return {caf::type_name<Messages>::value...};
}

}  // namespace

std::set<std::string, std::less<>> remote_message_names() {
  return names_of<hello, welcome, goodbye, ask_pools, pools_listed, ask_status, status_told,
                  open_channel, channel_opened, channel_elsewhere, channel_closed, seat_run,
                  run_seated, ask_pool, pool_told, ask_journal, journal_told, close_stream,
                  seat_ready, seat_quiet, seats_handed, seat_woken, seat_ended, channel_taken,
                  close_channel, keep_content, content_named, fetch_content, content_fetched,
                  content_taken>();
}

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
