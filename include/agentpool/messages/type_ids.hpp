#pragma once

#include <caf/actor_system_config.hpp>
#include <caf/type_id.hpp>
#include <functional>
#include <set>
#include <string>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/messages/journal.hpp"
#include "agentpool/messages/protocol.hpp"
#include "agentpool/messages/remote.hpp"
#include "agentpool/messages/runs.hpp"

/// The types that may travel between nodes. Their names are part of the protocol.
CAF_BEGIN_TYPE_ID_BLOCK(agentpool, first_custom_type_id)
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::agent_error))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::open_pool))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::pool_snapshot))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::join_run))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::run_joined))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::leave_run))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::run_left))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::list_members))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::member_list))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::send_message))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::message_receipt))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::cancel_message))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::record_message_status))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::read_inbox))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::inbox_page))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::ack_inbox))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::inbox_acked))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::suspend_until))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::wake_registration))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::poll_wake))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::cancel_wake))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::read_wake))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::wake_report))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::read_snapshot))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::publish_event))
CAF_ADD_TYPE_ID(agentpool, (agentpool::core::event_published))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::await_inbox))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::await_wake))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::entries_handed))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::wake_handed))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::cancel_run))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::run_ready))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::run_gone))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::open_subscription))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::open_watch))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::stream_opened))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::next_frames))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::next_records))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::close_stream))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::read_events))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::frame_page))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::read_records))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::record_page))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::read_journal))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::journal_page))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::hello))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::welcome))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::goodbye))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::ask_pools))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::pools_listed))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::ask_status))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::status_told))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::open_channel))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::channel_opened))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::channel_elsewhere))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::channel_closed))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::seat_run))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::run_seated))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::ask_pool))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::pool_told))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::ask_journal))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::journal_told))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::seat_ready))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::seat_quiet))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::seats_handed))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::seat_woken))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::seat_ended))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::channel_taken))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::close_channel))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::keep_content))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::content_named))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::fetch_content))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::content_fetched))
CAF_ADD_TYPE_ID(agentpool, (agentpool::messages::content_taken))
CAF_END_TYPE_ID_BLOCK(agentpool)

namespace agentpool::messages {

/// Makes the messages and errors of the engine known. Call it before the actor system is made.
void add_to(caf::actor_system_config& config);

/// The names of the messages that programs and nodes tell each other, as CAF writes them. No other
/// may pass between them.
[[nodiscard]] std::set<std::string, std::less<>> remote_message_names();

}  // namespace agentpool::messages
