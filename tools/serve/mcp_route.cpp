#include "mcp_route.hpp"

#include <algorithm>
#include <utility>

#include "mcp_listen.hpp"
#include "mcp_sessions.hpp"

namespace agentpool::tools {

namespace {

/// What all requests at the address share.
struct endpoint {
  explicit endpoint(std::shared_ptr<mcp_server> of) : server{std::move(of)} {}

  std::shared_ptr<mcp_server> server;
  mcp_sessions sessions;
};
using endpoint_ptr = std::shared_ptr<endpoint>;

http_response refusal(unsigned status, mcp_code code, std::string message) {
  return {status, "application/json", mcp_error_line("null", {code, std::move(message)})};
}

bool accepts(const http_request& request, std::string_view type) {
  const auto accept = request.header("accept").value_or("*/*");
  return accept.find(type) != std::string_view::npos ||
         accept.find("*/*") != std::string_view::npos;
}

/// "application/json; charset=utf-8" is JSON.
bool is_json(const http_request& request) {
  auto type = request.header("content-type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/json";
}

/// Why the version that a legacy request names is none; nothing when it is one.
std::optional<http_response> wrong_version(const http_request& request) {
  const auto version = request.header("mcp-protocol-version");
  const auto& known = mcp_legacy_versions;
  if (!version || std::find(known.begin(), known.end(), *version) != known.end())
    return std::nullopt;
  return refusal(400, mcp_code::refused, "MCP-Protocol-Version is none that this server knows");
}

/// One request on its way.
struct carried {
  front& at;
  endpoint_ptr to;
  route_call call;
};

tool_caller caller_of(const carried& what, const mcp_message& message) {
  tool_caller caller{what.to->server->all(), what.call.desk->shown()};
  caller.trace = std::string{what.call.request.header("traceparent").value_or("")};
  if (caller.trace.empty())
    caller.trace = std::string{text_in(mcp_param(message, "_meta"), "traceparent").value_or("")};
  caller.client = message.client;
  caller.when_ending = [&at = what.at](std::function<void()> then) {
    return at.when_ending(std::move(then));
  };
  caller.room = [&at = what.at] { return at.waiting_room(); };
  return caller;
}

unsigned status_of(const mcp_outcome& outcome) {
  const auto* fault = std::get_if<mcp_fault>(&outcome);
  return fault == nullptr ? 200U : fault->status;
}

void run(const carried& what, mcp_message message, const std::shared_ptr<mcp_session>& session,
         bool is_new) {
  auto call = std::make_shared<mcp_call>();
  call->caller = caller_of(what, message);
  call->message = std::move(message);
  if (session) {
    call->connection = session->connection;
    call->caller.kept = session->connection->kept;
    call->caller.client = session->connection->client();
    const auto gone = session->connection->begin(call->message.id);
    if (!gone)
      return what.call.exchange->answer(
          {200, "application/json", mcp_error_line(call->message.id, id_in_use())});
    call->caller.shown.gone = gone;
    what.call.exchange->when_gone([gone] { *gone = true; });
    // It gets no answer but the end of its exchange.
    session->connection->when_cancelled(call->message.id, gone, [exchange = what.call.exchange] {
      exchange->answer({202, ""});
    });
  }
  what.to->server->run(call, [call, session, is_new, to = what.to,
                              exchange = what.call.exchange](const mcp_outcome& outcome) {
    if (session && !session->connection->finish(call->message.id, call->caller.shown.gone)) return;
    auto response = http_response{status_of(outcome), "application/json",
                                  mcp_server::line(call->message, outcome)};
    if (is_new && response.status == 200 && std::holds_alternative<mcp_result>(outcome)) {
      response.headers.emplace_back("Mcp-Session-Id", session->id);
    } else if (is_new) {
      to->sessions.end(session->id);
    }
    exchange->answer(std::move(response));
  });
}

// ---- subscriptions/listen -------------------------------------------------------------------

/// What a listener's stream keeps for as long as it is open.
struct listening {
  std::shared_ptr<mcp_listener> listener;
  room_taken room;
  std::shared_ptr<void> ending;
};

void listen(const carried& what, mcp_message message) {
  const auto refuse = [&](unsigned status, mcp_code code, std::string why) {
    what.call.exchange->answer(
        {status, "application/json", mcp_error_line(message.id, {code, std::move(why)})});
  };
  if (!mcp_listener::well_formed(message))
    return refuse(200, mcp_code::invalid_params, "notifications: must say what to be told of");
  auto room = what.at.stream_room();
  if (!room) return refuse(503, mcp_code::internal_error, "too many streams are open");
  const auto feed =
      std::make_shared<line_feed>(what.call.exchange->open(message_stream_head(), ": \n\n"));
  const auto self = std::make_shared<listening>();
  self->listener = std::make_shared<mcp_listener>(
      std::move(message), [feed](const std::string& line) { feed->tell(line); });
  self->room = std::move(room);
  self->listener->begin(what.call.desk, [feed, listener = self->listener](bool any) {
    if (!any) feed->end(listener->last_line());
  });
  self->ending = what.at.when_ending([feed, weak = std::weak_ptr{self->listener}] {
    if (const auto listener = weak.lock()) feed->end(listener->last_line());
  });
  // The client's going is what ends it.
  what.call.exchange->when_gone([self] { self->listener->stop(); });
}

// ---- the three methods of HTTP --------------------------------------------------------------

std::shared_ptr<mcp_session> session_of(const carried& what) {
  const auto id = what.call.request.header("mcp-session-id");
  return id ? what.to->sessions.find(*id, what.call.desk->shown().who.name) : nullptr;
}

/// Why there is no session for a request; nothing when there is one.
std::optional<http_response> no_session(const carried& what,
                                        const std::shared_ptr<mcp_session>& session) {
  if (session) return std::nullopt;
  if (!what.call.request.header("mcp-session-id"))
    return refusal(400, mcp_code::refused, "Mcp-Session-Id is missing: initialize first");
  return refusal(404, mcp_code::session_not_found, "no such session: initialize again");
}

void post_legacy(const carried& what, mcp_message message) {
  auto& exchange = *what.call.exchange;
  if (message.method == "initialize" && !message.id.empty()) {
    const auto session = what.to->sessions.begin(what.call.desk->shown().who.name);
    if (!session)
      return exchange.answer(refusal(503, mcp_code::internal_error, session.error().message));
    return run(what, std::move(message), *session, true);
  }
  if (auto wrong = wrong_version(what.call.request)) return exchange.answer(std::move(*wrong));
  const auto session = session_of(what);
  if (auto none = no_session(what, session)) return exchange.answer(std::move(*none));
  if (message.id.empty()) {
    mcp_server::take(message, session->connection);
    return exchange.answer({202, ""});
  }
  run(what, std::move(message), session, false);
}

void post(const carried& what) {
  const auto& request = what.call.request;
  auto& exchange = *what.call.exchange;
  if (!is_json(request))
    return exchange.answer(
        refusal(415, mcp_code::refused, "Content-Type must be application/json"));
  if (!accepts(request, "application/json") && !accepts(request, "text/event-stream"))
    return exchange.answer(
        refusal(406, mcp_code::refused, "Accept must list application/json and text/event-stream"));
  auto read =
      read_mcp_message(request.body, [&](std::string_view name) { return request.header(name); });
  if (const auto* misread = std::get_if<mcp_misread>(&read))
    return exchange.answer(
        {misread->fault.status, "application/json", mcp_error_line(misread->id, misread->fault)});
  auto& message = std::get<mcp_message>(read);
  if (message.method.empty()) return exchange.answer({202, ""});  // answers nothing of ours
  if (message.era == mcp_era::legacy) return post_legacy(what, std::move(message));
  if (message.id.empty()) return exchange.answer({202, ""});
  if (message.method == "subscriptions/listen") return listen(what, std::move(message));
  run(what, std::move(message), nullptr, false);
}

/// The stream of a session's notifications.
void get(const carried& what) {
  auto& exchange = *what.call.exchange;
  if (!accepts(what.call.request, "text/event-stream"))
    return exchange.answer(refusal(406, mcp_code::refused, "Accept must list text/event-stream"));
  const auto session = session_of(what);
  if (auto none = no_session(what, session)) return exchange.answer(std::move(*none));
  auto room = what.at.stream_room();
  if (!room) return exchange.answer(refusal(503, mcp_code::refused, "too many streams are open"));
  // Before the client can know it: what it does then is told.
  const auto feed = std::make_shared<line_feed>();
  if (!what.to->sessions.listen(session, feed))
    return exchange.answer(refusal(409, mcp_code::refused, "the session has a stream already"));
  feed->begin(exchange.open(message_stream_head(), ": \n\n"));
  const auto ending = what.at.when_ending([weak = std::weak_ptr{feed}] {
    if (const auto to = weak.lock()) to->end({});
  });
  exchange.when_gone([feed, room, ending] {});
}

void end(const carried& what) {
  const auto session = session_of(what);
  if (auto none = no_session(what, session)) return what.call.exchange->answer(std::move(*none));
  what.to->sessions.end(session->id);
  what.call.exchange->answer({200, ""});
}

route at_mcp(const char* method, const endpoint_ptr& to, void (*does)(const carried&),
             route_about about) {
  return {method, "/mcp", false,
          [to, does](front& at, route_call call) {
            does({at, to, std::move(call)});
          },
          std::move(about)};
}

std::string any_object() { return R"({"type":"object"})"; }

}  // namespace

std::vector<route> mcp_routes(const std::shared_ptr<mcp_server>& server) {
  const auto to = std::make_shared<endpoint>(server);
  route_about message{"mcp_message", "A message of the Model Context Protocol"};
  message.takes = message.gives = any_object;
  message.streams = true;
  route_about listen{"mcp_listen", "What the server tells a session by itself"};
  listen.type = "text/event-stream";
  route_about over{"mcp_end", "Ends a session"};
  over.type = "text/plain";
  return {at_mcp("POST", to, post, std::move(message)), at_mcp("GET", to, get, std::move(listen)),
          at_mcp("DELETE", to, end, std::move(over))};
}

}  // namespace agentpool::tools
