#include "rpc_methods.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentpool/core/json.hpp"
#include "content_methods.hpp"
#include "rpc_params.hpp"

namespace agentpool::tools {

std::optional<core::json_value> param(const rpc_request& request, std::string_view name) {
  return request.params ? request.params->find(name) : std::nullopt;
}

std::chrono::milliseconds wait_of(const rpc_request& request) {
  const auto millis = optional_param<std::uint64_t>(request, "wait_millis").value_or(0);
  return std::min(rpc_wait_max, std::chrono::milliseconds{std::min<std::uint64_t>(
                                    millis, static_cast<std::uint64_t>(rpc_wait_max.count()))});
}

namespace {

/// One request on its way.
struct rpc_call {
  std::shared_ptr<pool_desk> desk;
  const rpc_request& request;
  rpc_callback then;
};

rpc_fault fault_of(const core::agent_error& error) {
  return {rpc_code::agent_error, error.message, error};
}

core::pool_id pool_of(const rpc_call& call) {
  return required_param<core::pool_id>(call.request, "pool_id");
}

/// The command that the parameters of a request say.
template <class Command>
Command command_in(const rpc_request& request) {
  // Without params, pool_id would have been missed before.
  auto command = core::read_json<Command>(request.params.value(), core::reading::request);
  if (!command) throw bad_params{command.error().message};
  return std::move(*command);
}

/// What gives a call's answer as JSON; keeps the desk until then.
template <class T, class Write>
actors::callback<T> answer_by(const rpc_call& call, Write write) {
  return [desk = call.desk, then = call.then, write = std::move(write)](core::outcome<T> outcome) {
    if (!outcome) return then(fault_of(outcome.error()));
    then(write(*outcome));
  };
}

void submit(const rpc_call& call, const core::pool_id& pool, core::command ask,
            std::chrono::milliseconds wait) {
  call.desk->submit(
      pool, std::move(ask), wait, answer_by<core::answer>(call, [](const core::answer& reply) {
        return std::visit([](const auto& value) { return core::written(value); }, reply);
      }));
}

template <class Command>
void ask(const rpc_call& call) {
  const auto pool = pool_of(call);
  submit(call, pool, command_in<Command>(call.request), {});
}

template <class Command>
void ask_and_wait(const rpc_call& call) {
  const auto pool = pool_of(call);
  const auto wait = wait_of(call.request);
  submit(call, pool, command_in<Command>(call.request), wait);
}

void join_run(const rpc_call& call) {
  const auto pool = pool_of(call);
  seat_wanted wanted{command_in<core::join_run>(call.request).member};
  wanted.token = optional_param<std::string>(call.request, "token");
  wanted.on_behalf_of = optional_param<std::string>(call.request, "on_behalf_of");
  wanted.spawned_by = optional_param<core::run_id>(call.request, "spawned_by");
  call.desk->join(pool, std::move(wanted), answer_by<seat_told>(call, [](const seat_told& told) {
                    return core::written(told);
                  }));
}

void list_pools(const rpc_call& call) {
  call.desk->list_pools(answer_by<std::vector<core::pool_id>>(
      call,
      [](const std::vector<core::pool_id>& pools) { return list_result("pool_ids", pools); }));
}

/// The pool for reading; none when the caller was told that it may not.
std::optional<actors::pool_handle> reading(const rpc_call& call) {
  auto pool = call.desk->reading(pool_of(call));
  if (pool) return std::move(*pool);
  call.then(fault_of(pool.error()));
  return std::nullopt;
}

void read_events(const rpc_call& call) {
  const auto filter =
      optional_param<core::event_filter>(call.request, "filter").value_or(core::event_filter{});
  const auto cursor = optional_param<core::event_cursor>(call.request, "cursor");
  if (const auto pool = reading(call))
    pool->read_events(filter, cursor,
                      answer_by<std::vector<core::event_frame>>(
                          call, [](const std::vector<core::event_frame>& frames) {
                            return list_result("frames", frames);
                          }));
}

void read_records(const rpc_call& call) {
  const auto cursor =
      optional_param<core::store_cursor>(call.request, "cursor").value_or(core::store_cursor{});
  if (const auto pool = reading(call))
    pool->records(cursor, answer_by<std::vector<core::store_record>>(
                              call, [](const std::vector<core::store_record>& records) {
                                return list_result("records", records);
                              }));
}

void read_journal(const rpc_call& call) {
  const auto run = optional_param<core::run_id>(call.request, "run_id");
  const auto after = optional_param<std::uint64_t>(call.request, "after").value_or(0);
  if (const auto pool = reading(call))
    pool->journal(run, after, UINT64_MAX,
                  answer_by<std::vector<core::journal_record>>(
                      call, [](const std::vector<core::journal_record>& records) {
                        return list_result("records", records);
                      }));
}

void refuse_stream(const rpc_call&) { throw bad_params{"subscription_id: no such subscription"}; }

/// A method that stands in a file of its own.
template <void method(const std::shared_ptr<pool_desk>&, const rpc_request&, rpc_callback)>
void done_by(const rpc_call& call) {
  method(call.desk, call.request, call.then);
}

/// A row of the method table.
struct method_row {
  rpc_method_info info;
  void (*run)(const rpc_call&);
};

template <class Params, class Result>
constexpr method_row row(std::string_view name, std::string_view summary, std::string_view role,
                         void (*run)(const rpc_call&)) {
  return {{name, summary, role, taken<Params>, given<Result>}, run};
}

/// A command that is passed on as it is.
template <class Command, class Result>
constexpr method_row command_row(std::string_view name, std::string_view summary,
                                 std::string_view role) {
  return row<in_pool<Command>, Result>(name, summary, role, ask<Command>);
}

constexpr std::string_view observe = "observe";
constexpr std::string_view act = "act";
constexpr std::string_view administer = "administer";

constexpr std::array methods{
    row<no_params, pool_ids_result>("list_pools", "The ids of all pools, sorted", observe,
                                    list_pools),
    command_row<core::open_pool, core::pool_snapshot>(
        "open_pool", "Opens a pool, for the first time or again", administer),
    row<in_pool<join_params>, seat_told>("join_run", "Makes a run a member of a pool", act,
                                         join_run),
    command_row<core::leave_run, core::run_left>("leave_run", "Takes a run out of its pool", act),
    command_row<core::list_members, core::member_list>("members",
                                                       "The members of a pool, by run id", observe),
    command_row<core::send_message, core::message_receipt>(
        "send", "Sends a message and answers its receipt", act),
    command_row<core::cancel_message, core::message_receipt>("cancel_message",
                                                             "Cancels a delivered message", act),
    command_row<core::record_message_status, core::message_receipt>(
        "record_message_status",
        "Records what is known of a message that one sent, as an administrator of any", act),
    row<waiting_in_pool<core::read_inbox>, core::inbox_page>(
        "inbox", "The messages delivered to a run that it has not acknowledged", act,
        ask_and_wait<core::read_inbox>),
    command_row<core::ack_inbox, core::inbox_acked>(
        "ack_inbox", "Acknowledges a run's messages up to a sequence", act),
    command_row<core::suspend_until, core::wake_registration>(
        "suspend_until", "Registers what a run waits for", act),
    command_row<core::poll_wake, core::wake_registration>("poll_wake",
                                                          "A wake condition as it stands", observe),
    command_row<core::cancel_wake, core::wake_registration>("cancel_wake",
                                                            "Cancels a wake condition", act),
    row<waiting_in_pool<core::read_wake>, core::wake_report>(
        "await_wake", "Waits until a wake condition is final", observe,
        ask_and_wait<core::read_wake>),
    command_row<core::read_snapshot, core::pool_snapshot>("snapshot", "A pool as it stands",
                                                          observe),
    command_row<core::publish_event, core::event_published>(
        "publish_event", "Publishes an event of a member run", act),
    row<in_pool<events_params>, frames_result>(
        "subscribe", "The events of a pool that a filter allows", observe, read_events),
    row<in_pool<records_params>, records_result>("watch_pool", "The store records of a pool",
                                                 observe, read_records),
    row<unsubscribe_params, no_params>("unsubscribe", "Ends a stream of this connection", observe,
                                       refuse_stream),
    row<in_pool<journal_params>, journal_result>(
        "journal", "The journal records of a run, or of all", observe, read_journal),
    row<content_put_params, content_receipt>(
        "content_put", "Keeps a body and answers the ref to send", act, done_by<content_put>),
    row<content_get_params, content_put_params>("content_get", "The body kept under a ref", observe,
                                                done_by<content_get>),
};

constexpr auto infos = [] {
  std::array<rpc_method_info, methods.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = methods[i].info;
  return all;
}();

}  // namespace

void call_method(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 const rpc_callback& then) {
  const auto* const row = std::find_if(methods.begin(), methods.end(), [&](const method_row& each) {
    return each.info.name == request.method;
  });
  if (row == methods.end())
    return then(rpc_fault{rpc_code::method_not_found, "no such method: " + request.method});
  try {
    row->run({desk, request, then});
  } catch (const bad_params& fault) {
    then(rpc_fault{rpc_code::invalid_params, fault.message});
  } catch (const std::exception& fault) {
    then(rpc_fault{rpc_code::internal_error, fault.what()});
  }
}

std::span<const rpc_method_info> rpc_methods() { return infos; }

}  // namespace agentpool::tools
