#include "front.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "agentpool/core/json_fields.hpp"

namespace agentpool::tools {

namespace {

/// "localhost:4000" gives "localhost", "[::1]:4000" gives "[::1]".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

/// "http://localhost:4000" gives "localhost:4000".
std::string_view authority_of(std::string_view origin) {
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool names_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

template <class Text>
bool contains(const std::vector<Text>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

unsigned status_of(const core::agent_error& error) {
  using kind = core::agent_error_kind;
  if (error.kind == kind::policy_denial) return 403;
  if (error.kind == kind::host_configuration_needed) return 404;
  if (error.kind == kind::timeout || error.kind == kind::journal_failure) return 503;
  if (error.kind != kind::invalid_state_transition) return 500;
  return error.retry == core::retry_classification::repair_needed ? 400 : 409;
}

/// An answer to a page of another origin that was let in.
http_response marked(http_response response, const std::string& origin) {
  auto& headers = response.headers;
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  headers.emplace_back("Vary", "Origin");
  headers.emplace_back("Access-Control-Expose-Headers", "Mcp-Session-Id");
  if (response.status != 204) return response;
  headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, DELETE");
  headers.emplace_back("Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, "
                       "MCP-Protocol-Version, Mcp-Method, Mcp-Name, Agentpool-Session-Token");
  return response;
}

class shared_exchange : public http_exchange {
 public:
  shared_exchange(std::shared_ptr<http_exchange> to, std::string origin)
      : to_{std::move(to)}, origin_{std::move(origin)} {}
  void answer(http_response response) override {
    to_->answer(marked(std::move(response), origin_));
  }
  std::shared_ptr<http_stream> open(http_response response, std::string idle) override {
    return to_->open(marked(std::move(response), origin_), std::move(idle));
  }
  void when_gone(std::function<void()> then) override { to_->when_gone(std::move(then)); }
  void end_with(ending& what, http_response instead) override {
    to_->end_with(what, marked(std::move(instead), origin_));
  }

 private:
  const std::shared_ptr<http_exchange> to_;
  const std::string origin_;
};

/// What a browser asks for a page of another site, as a picture of it for instance, without an
/// Origin (https://www.w3.org/TR/fetch-metadata/); not a link that its user followed.
bool is_of_other_site(const http_request& head) {
  const auto site = head.header("sec-fetch-site").value_or("");
  if (site != "cross-site" && site != "same-site") return false;
  return head.method != "GET" || head.header("sec-fetch-mode").value_or("") != "navigate" ||
         head.header("sec-fetch-dest").value_or("") != "document";
}

http_response unauthorised(bool shown) {
  auto denied = bad_request(401, shown ? "nobody has this token" : "show a bearer token");
  denied.headers.emplace_back(
      "WWW-Authenticate",
      shown ? "Bearer realm=\"agentpool\", error=\"invalid_token\"" : "Bearer realm=\"agentpool\"");
  return denied;
}

/// The segments of a pattern and of a path are the same, but for what stands in braces.
bool fits(std::string_view pattern, const std::vector<std::string>& path,
          std::map<std::string, std::string, std::less<>>* named) {
  std::size_t at = 0;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    const auto end = std::min(pattern.find('/'), pattern.size());
    const auto segment = pattern.substr(0, end);
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
    if (at == path.size()) return false;
    const auto& got = path[at++];
    if (segment.starts_with('{')) {
      if (named != nullptr)
        named->insert_or_assign(std::string{segment.substr(1, segment.size() - 2)}, got);
    } else if (segment != got) {
      return false;
    }
  }
  return at == path.size();
}

}  // namespace

http_response json_response(std::string body) { return {200, "application/json", std::move(body)}; }

http_response error_response(const core::agent_error& error) {
  std::string body = "{\"error\":{\"kind\":";
  core::write_json_string(body, core::to_text(error.kind));
  body += ",\"retry\":";
  core::write_json_string(body, core::to_text(error.retry));
  body += ",\"message\":";
  core::write_json_string(body, error.message);
  body += "}}";
  http_response made{status_of(error), "application/json", std::move(body)};
  if (made.status == 503) made.headers.emplace_back("Retry-After", "1");
  return made;
}

http_response bad_request(unsigned status, std::string_view message) {
  std::string body = "{\"error\":{\"message\":";
  core::write_json_string(body, message);
  body += "}}";
  return {status, "application/json", std::move(body)};
}

front::front(std::shared_ptr<const service> all, front_options options, std::vector<route> routes)
    : all_{std::move(all)},
      options_{std::move(options)},
      routes_{std::move(routes)},
      rates_{options_.rate} {}

// ---- who may come in ------------------------------------------------------------------------

std::optional<http_response> front::refuse(const http_request& head) {
  const auto* found = find(head, nullptr);
  auto refused = refusal(head, found);
  if (const auto& watch = watch_of(found); refused && watch) watch->on_refused(refused->status);
  // Such a page is to read why, too.
  if (const auto origin = let_in(head); refused && origin)
    return marked(*std::move(refused), *origin);
  return refused;
}

std::optional<http_response> front::refusal(const http_request& head, const route* found) {
  if (ending()) {
    auto gone = bad_request(503, "the server is about to end");
    gone.headers.emplace_back("Retry-After", "1");
    return gone;
  }
  if (auto wrong = wrong_place(head)) return wrong;
  const auto who = found == nullptr ? std::nullopt : who_asks(head);
  if (!rates_.take(counted_as(who, head), std::chrono::steady_clock::now())) {
    auto later =
        bad_request(429, "too many requests: at most " +
                             std::to_string(static_cast<long>(options_.rate)) + " a second");
    later.headers.emplace_back("Retry-After", "1");
    return later;
  }
  // Told before the body is read, which nobody has a use for.
  if (found == nullptr) return nothing_here(head);
  if (!who && !found->open) return unauthorised(head.header("authorization").has_value());
  return std::nullopt;
}

std::optional<http_response> front::wrong_place(const http_request& head) const {
  const auto host = head.header("host").value_or("");
  if (options_.loopback && !host.empty()) {
    const auto name = lower(host_of(host));
    const bool known = std::any_of(options_.hosts.begin(), options_.hosts.end(),
                                   [&](const std::string& one) { return lower(one) == name; });
    if (!known && !names_loopback(name))
      return bad_request(403, "this server does not go by the name that Host says");
  }
  if (const auto origin = head.header("origin"); origin && !may_ask_from(*origin, head))
    return bad_request(403, "pages of this origin may not ask here (see --origin)");
  if (is_of_other_site(head) && !let_in(head))
    return bad_request(403, "pages elsewhere may not have this address loaded (see --origin)");
  return std::nullopt;
}

std::optional<std::string> front::let_in(const http_request& head) const {
  const auto origin = head.header("origin");
  if (!origin || !contains(options_.origins, *origin)) return std::nullopt;
  return std::string{*origin};
}

/// A page of this server itself, or one that was allowed.
bool front::may_ask_from(std::string_view origin, const http_request& head) const {
  if (contains(options_.origins, origin)) return true;
  const auto authority = authority_of(origin);
  return !authority.empty() && authority == head.header("host").value_or("");
}

std::optional<caller> front::who_asks(const http_request& head) const {
  if (!options_.tokens) return unrestricted_caller("anonymous", false);
  const auto shown = head.header("authorization").value_or("");
  constexpr std::string_view scheme = "bearer ";
  if (shown.size() <= scheme.size()) return std::nullopt;
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  if (!std::equal(scheme.begin(), scheme.end(), shown.begin(), same)) return std::nullopt;
  return options_.tokens->find(shown.substr(scheme.size()));
}

std::string front::counted_as(const std::optional<caller>& who, const http_request& head) const {
  return who && options_.tokens ? "token " + who->name : "address " + head.peer;
}

std::string front::whose(const http_request& head) const {
  return counted_as(who_asks(head), head);
}

// ---- routes ---------------------------------------------------------------------------------

const route* front::find(const http_request& request,
                         std::map<std::string, std::string, std::less<>>* path) const {
  for (const auto& each : routes_)
    if (each.method == request.method && fits(each.pattern, request.path, path)) return &each;
  return nullptr;
}

/// What can be asked at an address that is not asked for what it does.
http_response front::nothing_here(const http_request& head) const {
  std::vector<std::string_view> taken;
  const bool anywhere = head.target == "*";
  for (const auto& each : routes_)
    if ((anywhere || fits(each.pattern, head.path, nullptr)) && !contains(taken, each.method))
      taken.push_back(each.method);
  std::string methods;
  for (const auto method : taken) methods.append(methods.empty() ? "" : ", ").append(method);
  if (methods.empty()) return bad_request(404, "nothing is here (see /openapi.json)");
  auto other = head.method == "OPTIONS" ? http_response{204, ""}
                                        : bad_request(405, "this address takes " + methods);
  other.headers.emplace_back("Allow", methods);
  return other;
}

void front::handle(http_request request, std::shared_ptr<http_exchange> exchange) {
  if (auto origin = let_in(request))
    exchange = std::make_shared<shared_exchange>(std::move(exchange), *std::move(origin));
  std::map<std::string, std::string, std::less<>> path;
  const auto* found = find(request, &path);
  if (const auto& watch = watch_of(found)) exchange = watch->handling(std::move(exchange));
  if (found == nullptr) return exchange->answer(nothing_here(request));
  // Open addresses are for those, too, whose token nobody has.
  auto who = who_asks(request).value_or(caller{"nobody"});
  if (who.revoked) exchange->end_with(*who.revoked, unauthorised(true));
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  exchange->when_gone([gone] { *gone = true; });
  credentials shown{std::move(who), {}, gone};
  if (const auto token = request.header("agentpool-session-token"))
    shown.tokens.emplace_back(*token);
  auto asks = desk(std::move(shown), request);
  found->run(*this, {std::move(request), std::move(path), std::move(exchange), std::move(asks)});
}

std::shared_ptr<guarded_desk> front::desk(credentials shown, const http_request& request) const {
  return std::make_shared<guarded_desk>(all_, std::move(shown),
                                        std::string{request.header("traceparent").value_or("")});
}

// ---- bounds, the end ------------------------------------------------------------------------

room_taken front::room(const std::shared_ptr<std::atomic<std::size_t>>& taken,
                       std::size_t most) const {
  if (taken->fetch_add(1) >= most) {
    taken->fetch_sub(1);
    return nullptr;
  }
  return room_taken{taken.get(), [taken](void*) { taken->fetch_sub(1); }};
}

room_taken front::stream_room() { return room(streams_, options_.streams_max); }

room_taken front::waiting_room() { return room(waiting_, options_.waiting_max); }

}  // namespace agentpool::tools
