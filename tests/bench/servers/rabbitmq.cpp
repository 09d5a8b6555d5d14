#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_tcp_socket.h>
#endif

#include <memory>
#include <set>
#include <string>

#include "agentpool/core/json.hpp"
#include "sides.hpp"
#include "tools/bench_kit.hpp"

namespace agentpool::bench {

namespace {

constexpr amqp_channel_t channel = 1;
constexpr const char* queue_name = "messages";
constexpr std::uint8_t persistent = 2;

struct closing {
  void operator()(amqp_connection_state_t connection) const { amqp_destroy_connection(connection); }
};
using connection_ptr = std::unique_ptr<amqp_connection_state_t_, closing>;

core::agent_error refused(const std::string& why) {
  return core::store_unavailable("rabbitmq: " + why);
}

amqp_bytes_t bytes_of(const std::string& text) {
  return {text.size(), const_cast<char*>(text.data())};  // the library only reads it
}

core::outcome<void> done(const amqp_rpc_reply_t& reply, const std::string& what) {
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) return {};
  return refused(what + " was refused (" + std::to_string(reply.library_error) + ")");
}

/// The queue anew, for what earlier rounds left in it would only fill the disk.
core::outcome<void> make_queue(amqp_connection_state_t connection) {
  const auto name = amqp_cstring_bytes(queue_name);
  amqp_queue_delete(connection, channel, name, 0, 0);
  if (auto ok = done(amqp_get_rpc_reply(connection), "deleting the queue"); !ok) return ok;
  amqp_table_entry_t quorum{};
  quorum.key = amqp_cstring_bytes("x-queue-type");
  quorum.value.kind = AMQP_FIELD_KIND_UTF8;
  quorum.value.value.bytes = amqp_cstring_bytes("quorum");
  amqp_queue_declare(connection, channel, name, 0, 1, 0, 0, amqp_table_t{1, &quorum});
  if (auto ok = done(amqp_get_rpc_reply(connection), "declaring the queue"); !ok) return ok;
  amqp_confirm_select(connection, channel);
  return done(amqp_get_rpc_reply(connection), "asking for confirms");
}

core::outcome<connection_ptr> connect(int port) {
  connection_ptr connection{amqp_new_connection()};
  auto* socket = amqp_tcp_socket_new(connection.get());
  if (socket == nullptr || amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK)
    return refused("cannot connect to port " + std::to_string(port));
  const auto login =
      amqp_login(connection.get(), "/", 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  if (auto ok = done(login, "the login"); !ok) return ok.error();
  amqp_channel_open(connection.get(), channel);
  if (auto ok = done(amqp_get_rpc_reply(connection.get()), "the channel"); !ok) return ok.error();
  if (auto ok = make_queue(connection.get()); !ok) return ok.error();
  return connection;
}

core::outcome<void> publish(amqp_connection_state_t connection, std::uint64_t number) {
  const auto message = tools::bench_message(number);
  const auto json = core::to_json(message);
  amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG;
  properties.delivery_mode = persistent;
  properties.message_id = bytes_of(message.idempotency_key.text());
  const auto status =
      amqp_basic_publish(connection, channel, amqp_empty_bytes, amqp_cstring_bytes(queue_name), 0,
                         0, &properties, bytes_of(json));
  if (status == AMQP_STATUS_OK) return {};
  return refused(amqp_error_string2(status));
}

/// Waits for the next confirm and takes what it confirms from `unconfirmed`.
core::outcome<void> take(amqp_connection_state_t connection, std::set<std::uint64_t>& unconfirmed) {
  amqp_maybe_release_buffers(connection);
  amqp_frame_t frame{};
  const auto status = amqp_simple_wait_frame(connection, &frame);
  if (status != AMQP_STATUS_OK) return refused(amqp_error_string2(status));
  if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
    return refused("something else than a confirm");
  const auto& ack = *static_cast<amqp_basic_ack_t*>(frame.payload.method.decoded);
  const auto last = unconfirmed.upper_bound(ack.delivery_tag);
  unconfirmed.erase(ack.multiple != 0 ? unconfirmed.begin() : unconfirmed.find(ack.delivery_tag),
                    last);
  return {};
}

}  // namespace

core::outcome<double> rabbitmq_sends(int port, const server_load& load) {
  const auto connection = connect(port);
  if (!connection) return connection.error();
  std::set<std::uint64_t> unconfirmed;
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t asked = 0;
  while (asked == 0 || std::chrono::steady_clock::now() < start + load.time) {
    while (unconfirmed.size() >= load.in_flight)
      if (auto taken = take(connection->get(), unconfirmed); !taken) return taken.error();
    if (auto sent = publish(connection->get(), load.first + asked); !sent) return sent.error();
    unconfirmed.insert(++asked);
  }
  while (!unconfirmed.empty())
    if (auto taken = take(connection->get(), unconfirmed); !taken) return taken.error();
  return tools::rate_since(start, asked);
}

}  // namespace agentpool::bench
