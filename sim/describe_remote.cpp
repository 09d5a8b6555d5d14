// What messages of nodes and programs are called in a trace.
#include "describe_remote.hpp"

#include <caf/type_erased_tuple.hpp>

#include "agentpool/core/json_tree.hpp"
#include "agentpool/messages/dialing.hpp"
#include "agentpool/messages/hosting.hpp"
#include "agentpool/messages/remote.hpp"
#include "trace_text.hpp"

namespace agentpool::sim {

namespace {

void add(std::string& ids, std::string_view name, std::string_view text) {
  ids += ids.empty() ? "\"" : ",\"";
  ids.append(name) += "\":";
  core::write_json_string(ids, text);
}

void add(std::string& ids, std::string_view name, std::uint64_t number) {
  ids += ids.empty() ? "\"" : ",\"";
  ids.append(name) += "\":";
  append_number(ids, number);
}

/// What a message is about, by the fields that it has.
template <class T>
void list(std::string& ids, const T& what) {
  if constexpr (requires { what.channel + 1; }) add(ids, "channel", what.channel);
  if constexpr (requires { what.number; }) add(ids, "number", what.number);
  if constexpr (requires { what.run_id.text(); }) add(ids, "run", what.run_id.text());
  if constexpr (requires { what.pool_id.text(); }) add(ids, "pool", what.pool_id.text());
  if constexpr (requires { what.endpoint; }) add(ids, "endpoint", what.endpoint);
  if constexpr (requires { what.hops; }) add(ids, "hops", what.hops);
  if constexpr (requires { what.joining; }) add(ids, "joining", what.joining ? 1U : 0U);
  if constexpr (requires { what.credit; }) add(ids, "credit", what.credit);
  if constexpr (requires { what.entries.front().sequence; })
    if (!what.entries.empty()) add(ids, "sequence", what.entries.front().sequence);
  if constexpr (requires { what.notice.condition_id; })
    add(ids, "wake", what.notice.condition_id.text());
  if constexpr (requires { what.error->kind; })
    if (what.error) add(ids, "error", core::to_text(what.error->kind));
  if constexpr (requires { what.why.kind; }) add(ids, "error", core::to_text(what.why.kind));
  if constexpr (requires { std::get<core::agent_error>(what.what); })
    if (const auto* why = std::get_if<core::agent_error>(&what.what))
      add(ids, "error", core::to_text(why->kind));
}
void list(std::string& ids, const messages::seat_asked& what) { list(ids, what.ask); }

struct finder {
  const caf::type_erased_tuple& content;
  std::string_view& name;
  std::string& ids;

  template <class T>
  bool is(std::string_view called) {
    if (!content.match_elements<T>()) return false;
    name = called;
    list(ids, content.get_as<T>(0));
    return true;
  }

  bool found() {
    using namespace messages;
    return is<come_back>("come_back") || is<ask_pool>("ask_pool") || is<pool_told>("pool_told") ||
           is<ask_journal>("ask_journal") || is<journal_told>("journal_told") ||
           is<seats_handed>("seats_handed") || is<seat_woken>("seat_woken") ||
           is<seat_ready>("seat_ready") || is<seat_quiet>("seat_quiet") ||
           is<seat_run>("seat_run") || is<run_seated>("run_seated") ||
           is<run_entries>("run_entries") || is<hosted_run_ready>("hosted_run_ready") ||
           is<hosted_run_gone>("hosted_run_gone") || is<channel_taken>("channel_taken") ||
           is<seat_asked>("seat_asked") || is<seat_answered>("seat_answered") || is_of_links();
  }
  bool is_of_links() {
    using namespace messages;
    return is<hello>("hello") || is<welcome>("welcome") || is<goodbye>("goodbye") ||
           is<open_channel>("open_channel") || is<channel_opened>("channel_opened") ||
           is<channel_elsewhere>("channel_elsewhere") || is<channel_closed>("channel_closed") ||
           is<close_channel>("close_channel") || is<link_up>("link_up") ||
           is<link_down>("link_down") || is<link_wanted>("link_wanted") ||
           is<link_unwanted>("link_unwanted") || is<place_asked>("place_asked") ||
           is<channel_enters>("channel_enters") || is<channel_leaves>("channel_leaves") ||
           is<seat_given_up>("seat_given_up") || is<seat_lost>("seat_lost") ||
           is<pool_moved>("pool_moved") || is<caf::down_msg>("down") || is_of_no_pool();
  }
  bool is_of_no_pool() {
    using namespace messages;
    return is<keep_content>("keep_content") || is<content_named>("content_named") ||
           is<fetch_content>("fetch_content") || is<content_fetched>("content_fetched") ||
           is<content_taken>("content_taken");
  }
};

}  // namespace

void describe_remote(const caf::type_erased_tuple& content, std::string_view& name,
                     std::string& ids) {
  static_cast<void>(finder{content, name, ids}.found());
}

std::string_view short_name(std::string_view type) {
  const auto colon = type.rfind(':');
  return colon == std::string_view::npos ? type : type.substr(colon + 1);
}

}  // namespace agentpool::sim
