// The tools by which members talk.
#include <algorithm>
#include <limits>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/digest.hpp"
#include "bodies.hpp"
#include "token_book.hpp"
#include "tool_records.hpp"
#include "typed_tool.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t page_most = 100;
constexpr std::uint64_t seconds_most = std::numeric_limits<std::uint32_t>::max();

/// Exactly one of the four; none when it is not so.
std::optional<core::run_address_target> target_of(const send_target& to) {
  std::vector<core::run_address_target> named;
  if (to.run) named.emplace_back(core::to_run{*to.run});
  if (to.agent) named.emplace_back(core::to_agent{*to.agent});
  if (to.topic) named.emplace_back(core::to_topic{*to.topic});
  if (to.pool) named.emplace_back(core::to_pool{*to.pool});
  if (named.size() != 1) return std::nullopt;
  return named.front();
}

/// A message's id and its key: of the caller's key, so that a repeated call is the same message,
/// or new ones.
core::outcome<void> name_message(core::run_message& message,
                                 const std::optional<core::idempotency_key>& key) {
  if (key) {
    // Of this run: another member's key of the same name is another one.
    message.idempotency_key =
        core::idempotency_key{core::derived_id(message.from.text() + '/', key->text())};
    message.message_id = core::message_id{
        "message." + core::sha256_hex(message.from.text() + '\n' + key->text()).substr(0, 32)};
    return {};
  }
  const auto chance = make_token();
  if (!chance) return chance.error();
  message.message_id = core::message_id{"message." + chance->substr(0, 32)};
  message.idempotency_key = core::idempotency_key{"key." + chance->substr(0, 32)};
  return {};
}

/// Says what came of a message, and that nobody has it where that is so.
tool_result told_of(const core::message_receipt& receipt, const core::run_message& message) {
  send_output output{receipt.message_id, receipt.status, receipt.delivered_to, message.content_ref};
  auto result = tool_success(output);
  if (receipt.status != core::message_status::failed) return result;
  result.failed = true;
  result.text =
      "The message reached nobody: no member of the pool is whom it is for. See "
      "pool_members for who is there; a message sent again needs another "
      "idempotency_key.";
  return result;
}

void keep_and_send(const core::pool_id& pool, const std::shared_ptr<guarded_desk>& desk,
                   core::run_message message, std::optional<std::string> text,
                   std::optional<core::content_ref> ref, const tool_callback& then) {
  keep_body(*desk, std::move(text), std::move(ref),
            [pool, desk, message = std::move(message),
             then](core::outcome<core::content_ref> kept) mutable {
              if (!kept) return then(tool_failure(kept.error()));
              message.content_ref = std::move(*kept);
              desk->submit(pool, core::send_message{message}, {},
                           answered<core::message_receipt>(
                               desk, then, [then, message](const core::message_receipt& receipt) {
                                 then(told_of(receipt, message));
                               }));
            });
}

/// Stores the body and sends the message; of whoever may not send it nothing is stored.
void send(const core::pool_id& pool, const std::shared_ptr<guarded_desk>& desk,
          core::run_message message, std::optional<std::string> text,
          std::optional<core::content_ref> ref, tool_callback then) {
  const auto from = message.from;
  desk->check_acting(
      pool, from, false,
      [pool, desk, message = std::move(message), text = std::move(text), ref = std::move(ref),
       then = std::move(then)](const core::outcome<run_sender>& may) {
        if (!may) return then(tool_failure(may.error()));
        keep_and_send(pool, desk, message, text, ref, then);
      });
}

void pool_send(const tool_caller& caller, send_input& input, tool_callback& then) {
  const auto target = target_of(input.to);
  if (!target) return then(tool_failure("to: give exactly one of run, agent, topic and pool"));
  core::run_message message;
  message.from = input.run_id;
  message.to = core::address_of(*target);
  if (auto named = name_message(message, input.idempotency_key); !named)
    return then(tool_failure(named.error()));
  if (input.replies_wanted) {
    message.response_contract = core::response_contract{*input.replies_wanted, {}};
    if (input.reply_timeout_seconds)
      message.response_contract->timeout_millis =
          std::min(*input.reply_timeout_seconds, seconds_most) * 1'000;
  } else if (input.reply_timeout_seconds) {
    return then(tool_failure("reply_timeout_seconds: say how many replies_wanted as well"));
  }
  const auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  send(input.pool_id, desk, std::move(message), std::move(input.text), std::move(input.content_ref),
       std::move(then));
}

void pool_reply(const tool_caller& caller, reply_input& input, tool_callback& then) {
  const auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  core::read_snapshot which;
  which.message_id = input.message_id;
  const auto pool = input.pool_id;
  desk->submit(
      pool, std::move(which), {},
      answered<core::pool_snapshot>(
          desk, then,
          [desk, input = std::move(input), then](const core::pool_snapshot& found) mutable {
            if (found.messages.empty())
              return then(
                  tool_failure("message_id: no such message in this pool. Reply to one "
                               "that pool_inbox or pool_wait told you."));
            core::run_message reply;
            reply.from = input.run_id;
            reply.reply_to = input.message_id;
            reply.to = core::address_of(core::to_run{found.messages.front().message->from});
            const auto key = input.idempotency_key.value_or(core::idempotency_key{core::derived_id(
                "reply." + core::sha256_hex(input.run_id.text()).substr(0, 16) + ".",
                input.message_id.text())});
            if (auto named = name_message(reply, key); !named)
              return then(tool_failure(named.error()));
            send(input.pool_id, desk, std::move(reply), std::move(input.text),
                 std::move(input.content_ref), std::move(then));
          }));
}

void pool_inbox(const tool_caller& caller, inbox_input& input, tool_callback& then) {
  const auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  desk->submit(
      input.pool_id,
      core::read_inbox{input.run_id, input.after,
                       std::clamp<std::uint64_t>(input.max, 1, page_most)},
      {}, answered<core::inbox_page>(desk, then, [caller, then](const core::inbox_page& page) {
        tell_messages(caller.all->engine, page.entries, [then](std::vector<message_told> messages) {
          then(tool_success(inbox_output{std::move(messages)}));
        });
      }));
}

void pool_ack(const tool_caller& caller, ack_input& input, tool_callback& then) {
  const auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  desk->submit(input.pool_id, core::ack_inbox{input.run_id, input.sequence}, {},
               answered<core::inbox_acked>(desk, then, [then](const core::inbox_acked& acked) {
                 then(tool_success(acked));
               }));
}

}  // namespace

std::span<const mcp_tool> message_tools() {
  static const std::vector<mcp_tool> tools{
      typed_tool<send_input, send_output, pool_send>(
          {"pool_send", "Send a message",
           "Sends a message to a run, to all runs of an agent, to a topic or to the whole pool. "
           "When it says delivered, the message is durably in the inbox of each run in "
           "delivered_to, and they are woken if they wait. Set replies_wanted when you need "
           "answers, and wait for them with pool_wait."}),
      typed_tool<reply_input, send_output, pool_reply>(
          {"pool_reply", "Answer a message",
           "Sends an answer to whoever sent you a message. Do this for messages with "
           "reply_wanted. Repeating it with the same text does nothing more.",
           false, true}),
      typed_tool<inbox_input, inbox_output, pool_inbox>(
          {"pool_inbox", "Read your messages",
           "The messages to you that you have not acknowledged, oldest first, at once: to wait "
           "for one use pool_wait. Reading does not remove them: call pool_ack when you have "
           "dealt with one.",
           true, true}),
      typed_tool<ack_input, core::inbox_acked, pool_ack>(
          {"pool_ack", "Acknowledge messages",
           "Says that you have dealt with your messages up to a sequence, so that they are not "
           "told again. Acknowledge after you acted, not before: then nothing is lost if you "
           "are interrupted.",
           false, true}),
  };
  return tools;
}

}  // namespace agentpool::tools
