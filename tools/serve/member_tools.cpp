// The tools by which a caller becomes, and is, a member.
#include <algorithm>
#include <utility>

#include "token_book.hpp"
#include "tool_records.hpp"
#include "typed_tool.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t page_most = 1'000;
constexpr std::size_t made_name_digits = 12;

/// A join on its way.
struct joining {
  tool_caller caller;
  std::shared_ptr<guarded_desk> desk;
  join_input input;
  core::pool_member member;
  tool_callback then;
  bool opened = false;
};
using joining_ptr = std::shared_ptr<joining>;

void try_join(const joining_ptr& what);

/// Nobody has opened the pool: the first one to come does.
void open_first(const joining_ptr& what, const core::agent_error& why) {
  if (what->opened) return what->then(tool_failure(why));
  what->opened = true;
  what->desk->submit(what->input.pool_id, core::open_pool{.config = {}, .brief = true}, {},
                     [what, why](const core::outcome<core::answer>& opened) {
                       if (!opened && opened.error().kind == core::agent_error_kind::policy_denial)
                         return what->then(tool_failure(
                             "Nobody has opened this pool yet, and you may not: ask an "
                             "administrator of the server to open it (open_pool), or join a pool "
                             "that is there."));
                       if (!opened) return what->then(tool_failure(why));
                       try_join(what);
                     });
}

void tell_joined(const joining_ptr& what, const seat_told& told) {
  const auto& run = what->member.run_id;
  if (told.token && what->caller.kept)
    what->caller.kept->keep(what->input.pool_id, run, *told.token);
  what->then(tool_success(join_output{what->input.pool_id, run, what->member.agent_id,
                                      told.token.value_or(""), told.resumed}));
}

void try_join(const joining_ptr& what) {
  seat_wanted wanted{what->member, what->input.session_token, what->input.on_behalf_of,
                     what->input.spawned_by};
  what->desk->join(what->input.pool_id, std::move(wanted),
                   [what](const core::outcome<seat_told>& told) {
                     if (told) return tell_joined(what, *told);
                     const auto& why = told.error();
                     if (why.kind == core::agent_error_kind::host_configuration_needed)
                       return open_first(what, why);
                     what->then(tool_failure(why));
                   });
}

/// Of the first pattern that the caller may join under: digits by chance in place of each star.
core::outcome<core::run_id> made_run_id(const tools::caller& who) {
  const auto chance = make_token();
  if (!chance) return chance.error();
  const auto digits = chance->substr(0, made_name_digits);
  std::string text = who.runs.empty() || who.runs.front() == "*" ? "run.*" : who.runs.front();
  for (auto star = text.find('*'); star != std::string::npos; star = text.find('*', star))
    text.replace(star, 1, digits);
  if (auto fault = core::identifier_fault(text); !fault.empty())
    return core::contract_violation("run_id: give one, since none could be made: it " + fault);
  return core::run_id{text};
}

void pool_join(const tool_caller& caller, join_input& input, tool_callback& then) {
  auto member = core::pool_member{};
  if (!input.run_id) {
    auto made = made_run_id(caller.shown.who);
    if (!made) return then(tool_failure(made.error()));
    input.run_id = std::move(*made);
  }
  member.run_id = *input.run_id;
  member.agent_id = input.agent_id.value_or(core::agent_id{"agent.assistant"});
  member.topics = input.topics;
  auto all = caller;
  // Whoever says that another run spawned this one has to be that run as well.
  if (input.spawned_by && caller.kept)
    if (auto token = caller.kept->find(input.pool_id, *input.spawned_by))
      all.shown.tokens.push_back(std::move(*token));
  auto desk = desk_of(all, input.pool_id, *input.run_id, input.session_token);
  try_join(std::make_shared<joining>(
      joining{caller, std::move(desk), std::move(input), std::move(member), std::move(then)}));
}

void pool_leave(const tool_caller& caller, acting_input& input, tool_callback& then) {
  const auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  desk->submit(input.pool_id, core::leave_run{input.run_id}, {},
               answered<core::run_left>(desk, then, [then](const core::run_left& left) {
                 then(tool_success(leave_output{left.member.run_id, left.cursor.sequence}));
               }));
}

void pool_members(const tool_caller& caller, members_input& input, tool_callback& then) {
  const auto desk = desk_of(caller);
  desk->submit(input.pool_id, core::list_members{}, {},
               answered<core::member_list>(desk, then, [input, then](core::member_list all) {
                 auto& members = all.members;
                 members_output output;
                 output.total = members.size();
                 if (input.after)
                   std::erase_if(members,
                                 [&](const auto& one) { return one.run_id <= *input.after; });
                 const auto most = std::clamp<std::uint64_t>(input.limit, 1, page_most);
                 if (members.size() > most) {
                   members.resize(most);
                   output.next = members.back().run_id;
                 }
                 output.members = std::move(members);
                 then(tool_success(output));
               }));
}

}  // namespace

std::span<const mcp_tool> member_tools() {
  static const std::vector<mcp_tool> tools{
      typed_tool<join_input, join_output, pool_join>(
          {"pool_join", "Join a pool",
           "Call this first. Makes you a member of a pool, so that you can send and get messages "
           "there, and gives you a run id and a session token. A pool that nobody has opened is "
           "opened. Calling again with the same run_id (and session_token) keeps your place; other "
           "topics replace yours, and what you wait for then counts from that join on."}),
      typed_tool<acting_input, leave_output, pool_leave>(
          {"pool_leave", "Leave a pool",
           "Call this when you are done. Others who wait for you are woken; messages to you fail "
           "from then on. What is unread in your inbox goes to who joins under this run_id next."}),
      typed_tool<members_input, members_output, pool_members>(
          {"pool_members", "Who is in a pool",
           "Lists the members of a pool with their agents and topics, by run id: whom you can "
           "send to.",
           true, true}),
  };
  return tools;
}

}  // namespace agentpool::tools
