#include "tool_records.hpp"
#include "wait_records.hpp"

#include <array>
#include <utility>

namespace agentpool::tools {

namespace {

using row = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
std::string_view look_up(const std::array<row, N>& rows, std::string_view name) {
  for (const auto& [key, text] : rows)
    if (key == name) return text;
  return describe_field(name);
}

}  // namespace

std::string_view describe_field(std::string_view name) {
  static constexpr std::array rows{
      row{"pool_id", "The pool: the room in which runs meet, as \"pool.build\"."},
      row{"run_id", "The run you act as: the one that pool_join gave you."},
      row{"agent_id", "The agent that a run is an execution of, as \"agent.reviewer\"."},
      row{"session_token",
          "The secret that pool_join gave you for this run. Needed in every call unless your "
          "connection remembers it; when a call is refused with PolicyDenial, send it."},
      row{"idempotency_key",
          "Your own name for this action. The same key with the same content is done once, however "
          "often you call: use it whenever you may have to repeat a call. Another content under a "
          "used key is refused."},
      row{"content_ref", "The name of a body in the content store (content_put, content_get)."},
      row{"message_id", "The message, as pool_send or pool_inbox told it."},
      row{"text", "The body as text. It is stored once and the message refers to it."},
  };
  for (const auto& [key, text] : rows)
    if (key == name) return text;
  return {};
}

std::string_view join_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"run_id",
          "Your name in the pool, as \"run.alice\". Left out, one is made for you. "
          "Nobody of another name can use it while you are a member."},
      row{"topics", "Topics whose messages you want, as \"topic.news\"."},
      row{"on_behalf_of", "Whom you work for, in your own words. Every message you send tells it."},
      row{"spawned_by", "The run that started you, if you act as that one, too."},
      row{"session_token", "Of a run that you joined before, to go on as that run."},
  };
  return look_up(rows, name);
}

std::string_view join_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"run_id", "Act as this run from now on: give it in every call."},
      row{"session_token", "Keep it: it proves that you are this run, also after a reconnect."},
      row{"resumed",
          "You were this run before. If you did not expect that, somebody of your name uses it: "
          "take another run_id, or you share its inbox."},
  };
  return look_up(rows, name);
}

std::string_view members_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"after", "Only members after this run id: the `next` of the former page."},
      row{"limit", "At most so many (up to 1000)."},
  };
  return look_up(rows, name);
}

std::string_view members_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"total", "Of all members, not of this page."},
      row{"next", "Give it as `after` for the next page; missing on the last one."},
  };
  return look_up(rows, name);
}

std::string_view send_target::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"run", "That one run."},
      row{"agent", "Every member that is an execution of this agent."},
      row{"topic", "Every member that listed this topic when it joined."},
      row{"pool", "Every member of the pool but you: give the pool's own id."},
  };
  return look_up(rows, name);
}

std::string_view send_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"to", "Whom it is for: exactly one of run, agent, topic, pool."},
      row{"replies_wanted",
          "How many replies you need; then the message tells its recipients that "
          "a reply is wanted, and it counts as responded once they came."},
      row{"reply_timeout_seconds",
          "The message counts as timed out when the replies did not come "
          "within so many seconds."},
  };
  return look_up(rows, name);
}

std::string_view send_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"status",
          "delivered: it is durably in the inbox of every run in delivered_to. failed: "
          "it reached nobody. responded, timed_out: what became of the replies."},
      row{"delivered_to", "The runs that have it."},
  };
  return look_up(rows, name);
}

std::string_view reply_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"message_id", "The message that you answer: its sender gets the reply."},
      row{"idempotency_key",
          "Left out, one reply of yours to this message is done once; give keys "
          "of your own to reply several times."},
  };
  return look_up(rows, name);
}

std::string_view inbox_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"after", "Only messages after this sequence; left out: after what you acknowledged."},
      row{"max", "At most so many (up to 100)."},
  };
  return look_up(rows, name);
}

std::string_view message_told::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"sequence", "Acknowledge up to it with pool_ack once you have dealt with it."},
      row{"from", "The run that sent it."},
      row{"text", "The body, when it is a short text; else read it with content_get."},
      row{"reply_to", "The message that this one answers."},
      row{"reply_wanted", "Its sender waits for a reply: use pool_reply."},
      row{"sender", "Who that run belongs to, verified by the server."},
      row{"on_behalf_of", "Whom it works for, as it said when it joined."},
  };
  return look_up(rows, name);
}

std::string_view ack_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"sequence",
          "Of the last message that you have dealt with; earlier ones are "
          "acknowledged with it."},
  };
  return look_up(rows, name);
}

std::string_view wait_target::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"message", "A message to you that you have not acknowledged."},
      row{"run_end", "That run completes, fails, is cancelled or leaves the pool."},
      row{"families", "An event of one of these families, as \"tool\" or \"agent_pool\"."},
      row{"kinds",
          "An event of one of these kinds, as \"run_completed\" or "
          "\"agent_pool_run_joined\"; with families as well, of one of those, too."},
      row{"runs", "With families or kinds: only events of these runs."},
  };
  return look_up(rows, name);
}

std::string_view wait_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"for",
          "What to wait for: exactly one of message, run_end, and families or kinds of "
          "events. Needed unless you give a cursor, beside which it says nothing."},
      row{"timeout_seconds",
          "How long to wait in all, from the first call on; 300 when left out. A call returns "
          "after 45 seconds at the latest, with a cursor to go on from."},
      row{"cursor", "Of the call before, to go on with the same wait: nothing is lost in between."},
      row{"after",
          "With message: only messages after this sequence, also if you have not "
          "acknowledged earlier ones."},
      row{"idempotency_key",
          "The same key gives the same wait for an event, however often you call, also after "
          "you were told its end. Without one, an end that you were told is over."},
  };
  return look_up(rows, name);
}

std::string_view wait_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"status",
          "woken: what you waited for is here. waiting: not yet, call pool_wait again "
          "with the cursor. timed_out, cancelled: it did not come."},
      row{"messages", "With message: those that came. Acknowledge them with pool_ack."},
      row{"condition_id", "Of a wait for an event: pool_why tells by it what woke you."},
      row{"event", "What happened, in words."},
      row{"event_run", "The run that it happened to."},
      row{"cursor", "Give it to the next pool_wait."},
  };
  return look_up(rows, name);
}

std::string_view watch_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"after", "Only events after this place: the `next` of the former call."},
      row{"max", "At most so many (up to 500)."},
      row{"runs", "Only events of these runs."},
  };
  return look_up(rows, name);
}

std::string_view watch_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"next", "Give it as `after` to read on; missing when there was nothing."},
  };
  return look_up(rows, name);
}

std::string_view why_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"run_id",
          "What this run waits for, and who could end that. Give exactly one of run_id, "
          "condition_id, message_id."},
      row{"condition_id",
          "Why this wake condition is as it is, and what woke it: the condition_id of a wait."},
      row{"message_id", "What became of this message."},
  };
  return look_up(rows, name);
}

std::string_view why_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"because", "One sentence a step, the nearest cause first."},
  };
  return look_up(rows, name);
}

std::string_view content_put_input::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"text", "Text to store. Give exactly one of text and base64."},
      row{"base64", "Bytes to store, in base64."},
  };
  return look_up(rows, name);
}

std::string_view content_get_output::describe(std::string_view name) {
  static constexpr std::array rows{
      row{"text", "The content, when it is text."},
      row{"base64", "The content in base64, when it is not."},
  };
  return look_up(rows, name);
}

}  // namespace agentpool::tools
