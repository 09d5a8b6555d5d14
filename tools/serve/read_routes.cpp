#include "read_routes.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agentpool/core/json_fields.hpp"
#include "cloud_event.hpp"
#include "event_reading.hpp"
#include "page_result.hpp"
#include "pool_state.hpp"
#include "read_about.hpp"
#include "record_reading.hpp"
#include "tools/rpc_methods.hpp"
#include "why.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t page_default = 100;
constexpr std::uint64_t page_most = 1'000;

template <class Id>
Id id_in(const route_call& call, std::string_view name) {
  const auto& text = call.path.find(name)->second;
  if (const auto fault = core::identifier_fault(text); !fault.empty())
    throw bad_params{std::string{name} + ": " + fault};
  return Id{text};
}

core::pool_id pool_in(const route_call& call) { return id_in<core::pool_id>(call, "pool_id"); }

std::optional<std::uint64_t> number_in(const route_call& call, std::string_view name) {
  const auto text = call.request.parameter(name);
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto* const end = text->data() + text->size();
  const auto [read, fault] = std::from_chars(text->data(), end, value);
  if (fault != std::errc{} || read != end || text->empty())
    throw bad_params{std::string{name} + ": must be a whole number"};
  return value;
}

/// An id in the query.
template <class Id>
std::optional<Id> named_in(const route_call& call, std::string_view name) {
  const auto text = call.request.parameter(name);
  if (!text) return std::nullopt;
  if (const auto fault = core::identifier_fault(*text); !fault.empty())
    throw bad_params{std::string{name} + ": " + fault};
  return Id{*text};
}

std::uint64_t limit_in(const route_call& call) {
  return std::clamp<std::uint64_t>(number_in(call, "limit").value_or(page_default), 1, page_most);
}

/// "a,b" as the members of a set.
template <class T>
void restrict(const route_call& call, std::string_view name, core::set_of<T>& to) {
  const auto text = call.request.parameter(name);
  if (!text) return;
  std::string list = "{\"include\":[";
  for (std::size_t at = 0; at <= text->size();) {
    const auto end = std::min(text->find(',', at), text->size());
    if (at > 0) list += ',';
    core::write_json_string(list, text->substr(at, end - at));
    at = end + 1;
  }
  const auto tree = core::parse_json(list + "]}");
  if (!tree) throw bad_params{std::string{name} + ": " + tree.error().message};
  auto set = core::read_json<core::set_of<T>>(tree->root(), core::reading::request, name);
  if (!set) throw bad_params{set.error().message};
  to = std::move(*set);
}

core::event_filter filter_in(const route_call& call) {
  core::event_filter filter;
  if (const auto text = call.request.parameter("filter")) {
    const auto tree = core::parse_json(*text);
    if (!tree) throw bad_params{"filter: " + tree.error().message};
    auto read = core::read_json<core::event_filter>(tree->root(), core::reading::request, "filter");
    if (!read) throw bad_params{read.error().message};
    filter = std::move(*read);
  }
  restrict(call, "run_id", filter.run_ids);
  restrict(call, "agent_id", filter.agent_ids);
  restrict(call, "family", filter.families);
  restrict(call, "kind", filter.kinds);
  return filter;
}

bool wants_stream(const route_call& call) {
  return call.request.header("accept").value_or("").find("text/event-stream") !=
         std::string_view::npos;
}

/// Where to go on: what a stream that broke off had last, or what the query says.
std::string_view place_in(const route_call& call) {
  if (const auto last = call.request.header("last-event-id"); last && !last->empty()) return *last;
  return call.request.parameter("after").value_or("");
}

/// Answers with what comes of a question, as JSON.
template <class T, class Write>
actors::callback<T> answer_to(const route_call& call, Write write) {
  return [exchange = call.exchange, desk = call.desk,
          write = std::move(write)](core::outcome<T> what) {
    exchange->answer(what ? json_response(write(*what)) : error_response(what.error()));
  };
}

void ask(const route_call& call, const core::pool_id& pool, core::command what,
         std::chrono::milliseconds wait = {}) {
  call.desk->submit(
      pool, std::move(what), wait, answer_to<core::answer>(call, [](const core::answer& answered) {
        return std::visit([](const auto& value) { return core::written(value); }, answered);
      }));
}

/// Of what was read with one more than `limit` that one goes; gives the place of the last one that
/// is left if there was one more, else "".
template <class T>
std::string cut(std::vector<T>& found, std::uint64_t limit, std::uint64_t T::*place) {
  if (found.size() <= limit) return {};
  found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
  return std::to_string(found.back().*place);
}

/// A page of a list in the order of its ids, and where the next one begins.
template <class T, class Name>
std::string page_of(std::string_view name, std::vector<T> all, std::string_view after,
                    std::uint64_t limit, Name name_of) {
  const auto begins =
      std::find_if(all.begin(), all.end(), [&](const T& one) { return name_of(one) > after; });
  const auto ends = begins + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(
                                 limit, static_cast<std::uint64_t>(all.end() - begins)));
  const bool more = ends != all.end();
  const std::vector<T> page{begins, ends};
  auto out = list_result(name, page);
  out.pop_back();
  out += ",\"total\":" + std::to_string(all.size()) + '}';
  return page_result(std::move(out), more ? std::string_view{name_of(page.back())} : "");
}

// ---- what each address does -----------------------------------------------------------------

void get_pools(front&, const route_call& call) {
  call.desk->list_pools(answer_to<std::vector<core::pool_id>>(
      call,
      [](const std::vector<core::pool_id>& pools) { return list_result("pool_ids", pools); }));
}

void get_pool(front&, const route_call& call) {
  core::read_snapshot what;
  what.open = call.request.parameter("open") == "true";
  what.brief = !what.open;
  ask(call, pool_in(call), std::move(what));
}

void get_members(front&, const route_call& call) {
  const auto limit = limit_in(call);
  const std::string after{call.request.parameter("after").value_or("")};
  call.desk->submit(
      pool_in(call), core::list_members{}, {},
      answer_to<core::answer>(call, [limit, after](core::answer& answered) {
        return page_of(
            "members", std::move(std::get<core::member_list>(answered).members), after, limit,
            [](const core::pool_member& one) -> const std::string& { return one.run_id.text(); });
      }));
}

void get_member(front&, const route_call& call) {
  call.desk->submit(
      pool_in(call), core::list_members{id_in<core::run_id>(call, "run_id")}, {},
      [exchange = call.exchange, desk = call.desk](const core::outcome<core::answer>& answered) {
        if (!answered) return exchange->answer(error_response(answered.error()));
        const auto& members = std::get<core::member_list>(*answered).members;
        exchange->answer(members.empty() ? bad_request(404, "no such member")
                                         : json_response(core::written(members.front())));
      });
}

void get_inbox(front& at, const route_call& call) {
  // The pool tells no more than `page_most` at a time, and one of them is not told here.
  const auto limit = std::min(limit_in(call), page_most - 1);
  core::read_inbox what{id_in<core::run_id>(call, "run_id"), number_in(call, "after"), limit + 1};
  const auto tell = answer_to<core::answer>(call, [limit](core::answer& answered) {
    auto& page = std::get<core::inbox_page>(answered);
    const auto next = cut(page.entries, limit, &core::inbox_entry::sequence);
    return page_result(core::written(page), next);
  });
  const std::chrono::milliseconds wait{
      std::min<std::uint64_t>(number_in(call, "wait_millis").value_or(0),
                              static_cast<std::uint64_t>(rpc_wait_max.count()))};
  if (wait.count() == 0) return call.desk->submit(pool_in(call), std::move(what), {}, tell);
  const auto room = at.waiting_room();
  if (!room)
    return call.exchange->answer(
        error_response(core::overloaded("too many requests wait here: repeat later")));
  const auto ended = at.when_ending([exchange = call.exchange] {
    exchange->answer(json_response(core::written(core::inbox_page{})));
  });
  call.desk->submit(
      pool_in(call), std::move(what), wait,
      [tell, room, ended](core::outcome<core::answer> answered) { tell(std::move(answered)); });
}

/// A message as it stands, or a wake condition.
template <class Id>
void get_one(const route_call& call, std::string_view name,
             std::optional<Id> core::read_snapshot::*of) {
  core::read_snapshot what;
  what.*of = id_in<Id>(call, name);
  call.desk->submit(
      pool_in(call), std::move(what), {},
      [exchange = call.exchange, desk = call.desk](const core::outcome<core::answer>& answered) {
        if (!answered) return exchange->answer(error_response(answered.error()));
        const auto& found = std::get<core::pool_snapshot>(*answered);
        if (!found.messages.empty())
          return exchange->answer(json_response(core::written(found.messages.front())));
        if (!found.wakes.empty())
          return exchange->answer(json_response(core::written(found.wakes.front())));
        exchange->answer(bad_request(404, "nothing of this id is in this pool"));
      });
}

void get_message(front&, const route_call& call) {
  get_one(call, "message_id", &core::read_snapshot::message_id);
}

void get_wake(front&, const route_call& call) {
  get_one(call, "condition_id", &core::read_snapshot::condition_id);
}

/// The pool for reading; none when the caller was told that it may not.
std::optional<actors::pool_handle> reading(const route_call& call) {
  auto pool = call.desk->reading(pool_in(call));
  if (pool) return std::move(*pool);
  call.exchange->answer(error_response(pool.error()));
  return std::nullopt;
}

void get_events(front& at, const route_call& call) {
  events_wanted what{filter_in(call), {}, number_in(call, "last"), wants_stream(call)};
  // Who says where to go on is told what comes after that, however many.
  const auto place = place_in(call);
  if (!place.empty()) what.last.reset();
  if (what.last) what.last = std::min(*what.last, page_most);
  if (!what.stream) {
    // A queue of that size, read by nobody until it is full: the first of what there is.
    what.filter.queue.capacity = what.last.value_or(limit_in(call)) + 1;
    what.filter.queue.terminal_reserve = 1;
    what.filter.queue.overflow = core::subscriber_overflow_policy::fail_subscriber;
  }
  if (!place.empty()) {
    what.cursor = cursor_at(place, what.filter);
    if (!what.cursor) throw bad_params{"after: must be the id of an event of this stream"};
  }
  if (const auto pool = reading(call)) tell_events(at, call, *pool, std::move(what));
}

void get_records(front& at, const route_call& call) {
  core::store_cursor cursor;
  const auto place = place_in(call);
  const auto* const end = place.data() + place.size();
  const auto [read, fault] = std::from_chars(place.data(), end, cursor.sequence);
  if (!place.empty() && (fault != std::errc{} || read != end))
    throw bad_params{"after: must be a sequence"};
  const records_wanted what{cursor, limit_in(call), wants_stream(call)};
  if (const auto pool = reading(call)) tell_records(at, call, *pool, what);
}

/// Who waits for what, and what is under way.
void get_state(front&, const route_call& call) {
  core::read_snapshot open;
  open.open = true;
  call.desk->submit(pool_in(call), std::move(open), {},
                    answer_to<core::answer>(call, [](const core::answer& answered) {
                      return core::written(state_of(std::get<core::pool_snapshot>(answered)));
                    }));
}

void get_why(front&, const route_call& call) {
  const auto pool = pool_in(call);
  const auto tell = answer_to<reasons>(
      call, [](const reasons& because) { return list_result("because", because); });
  if (const auto run = named_in<core::run_id>(call, "run_id"))
    return why_run(call.desk, pool, *run, tell);
  if (const auto wake = named_in<core::wake_condition_id>(call, "condition_id"))
    return why_wake(call.desk, pool, *wake, tell);
  if (const auto message = named_in<core::message_id>(call, "message_id"))
    return why_message(call.desk, pool, *message, tell);
  throw bad_params{"say why of what: run_id, condition_id or message_id"};
}

void get_journal(front&, const route_call& call) {
  const auto run = named_in<core::run_id>(call, "run_id");
  const auto pool = reading(call);
  if (!pool) return;
  const auto limit = limit_in(call);
  pool->journal(run, number_in(call, "after").value_or(0), limit + 1,
                answer_to<std::vector<core::journal_record>>(
                    call, [limit](std::vector<core::journal_record>& page) {
                      const auto next = cut(page, limit, &core::journal_record::journal_seq);
                      return page_result(list_result("records", page), next);
                    }));
}

using handler = void (*)(front&, const route_call&);

route reads(std::string pattern, handler run, route_about about) {
  return {"GET", std::move(pattern), false,
          [run](front& at, const route_call& call) {
            try {
              run(at, call);
            } catch (const bad_params& fault) {
              call.exchange->answer(bad_request(400, fault.message));
            }
          },
          std::move(about)};
}

}  // namespace

std::vector<route> read_routes() {
  return {
      reads("/pools", get_pools, about::pools()),
      reads("/pools/{pool_id}", get_pool, about::pool()),
      reads("/pools/{pool_id}/members", get_members, about::members()),
      reads("/pools/{pool_id}/members/{run_id}", get_member, about::member()),
      reads("/pools/{pool_id}/members/{run_id}/inbox", get_inbox, about::inbox()),
      reads("/pools/{pool_id}/messages/{message_id}", get_message, about::message()),
      reads("/pools/{pool_id}/wakes/{condition_id}", get_wake, about::wake()),
      reads("/pools/{pool_id}/events", get_events, about::events()),
      reads("/pools/{pool_id}/records", get_records, about::records()),
      reads("/pools/{pool_id}/journal", get_journal, about::journal()),
      reads("/pools/{pool_id}/state", get_state, about::state()),
      reads("/pools/{pool_id}/why", get_why, about::why()),
  };
}

}  // namespace agentpool::tools
