#include "rpc_route.hpp"

#include <utility>

#include "rpc_schemas.hpp"
#include "tools/rpc_methods.hpp"

namespace agentpool::tools {

namespace {

/// Requests that may wait longer than a moment.
bool waits(const rpc_request& request) {
  const bool may = request.method == "inbox" || request.method == "await_wake";
  if (!may) return false;
  const auto wait = param(request, "wait_millis");
  return wait && wait->is(core::json_kind::number) && wait->text() != "0";
}

/// To follow is what is meant where nothing else is said.
bool follows(const rpc_request& request) {
  if (request.method != "subscribe" && request.method != "watch_pool") return false;
  const auto follow = param(request, "follow");
  return !follow || !follow->is(core::json_kind::boolean) || follow->boolean();
}

void answer(const std::shared_ptr<http_exchange>& exchange, const std::string& id,
            const rpc_result& result) {
  // A notification is never answered.
  if (id.empty()) return exchange->answer({202, ""});
  if (const auto* done = std::get_if<std::string>(&result))
    return exchange->answer(json_response(result_line(id, *done)));
  const auto& fault = std::get<rpc_fault>(result);
  exchange->answer(json_response(fault.error ? error_line(id, *fault.error)
                                             : error_line(id, fault.code, fault.message)));
}

/// The session token of a run may stand in the parameters as well.
std::shared_ptr<guarded_desk> desk_for(front& at, const route_call& call,
                                       const rpc_request& request) {
  const auto token = param(request, "session_token");
  if (!token || !token->is(core::json_kind::string)) return call.desk;
  auto shown = call.desk->shown();
  shown.tokens.emplace_back(token->text());
  return at.desk(std::move(shown), call.request);
}

void post(front& at, const route_call& call) {
  auto parsed = parse_request(call.request.body);
  if (const auto* refusal = std::get_if<rpc_refusal>(&parsed))
    return call.exchange->answer({400, "application/json", refusal->line});
  const auto& request = std::get<rpc_request>(parsed);
  if (follows(request))
    return answer(call.exchange, request.id,
                  rpc_fault{rpc_code::invalid_params,
                            "follow: false reads what there is; to follow, GET "
                            "/pools/{pool_id}/events or /pools/{pool_id}/records as "
                            "text/event-stream"});
  room_taken room;
  if (waits(request)) {
    room = at.waiting_room();
    if (!room)
      return answer(call.exchange, request.id,
                    rpc_fault{rpc_code::agent_error,
                              {},
                              core::overloaded("too many requests wait here: repeat later")});
  }
  // Whatever waits when the server ends is told to ask again: what it waits for is durable.
  const auto ended = room == nullptr ? nullptr : at.when_ending([exchange = call.exchange] {
    auto later = bad_request(503, "the server is about to end: ask again");
    later.headers.emplace_back("Retry-After", "1");
    exchange->answer(std::move(later));
  });
  call_method(desk_for(at, call, request), request,
              [exchange = call.exchange, id = request.id, room, ended](const rpc_result& result) {
                answer(exchange, id, result);
              });
}

}  // namespace

std::vector<route> rpc_routes() {
  route_about about{"call_method", "One JSON-RPC 2.0 request; a notification is answered 202"};
  about.takes = rpc_request_schema;
  about.gives = rpc_answer_schema;
  return {{"POST", "/rpc", false, post, std::move(about)}};
}

}  // namespace agentpool::tools
