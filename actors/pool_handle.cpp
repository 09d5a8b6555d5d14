#include "agentpool/actors/pool_handle.hpp"

#include <caf/send.hpp>
#include <utility>

#include "actors/ports.hpp"
#include "actors/stream_source.hpp"
#include "agentpool/actors/blocking.hpp"

namespace agentpool::actors {

namespace {

/// The one kind of answer that a command has.
template <class T>
core::outcome<T> only(core::outcome<core::answer> what) {
  if (!what) return what.error();
  return std::get<T>(std::move(*what));
}

using journal_outcome = core::outcome<messages::journal_answer>;

template <class T>
pool_port::stream_taker opening(callback<stream<T>> then) {
  return [then = std::move(then)](std::shared_ptr<pool_port> port, const journal_outcome& answer) {
    if (!answer) return then(answer.error());
    const auto number = std::get<messages::stream_opened>(*answer).stream;
    then(stream<T>{std::make_shared<stream_source<T>>(std::move(port), number)});
  };
}

}  // namespace

pool_handle::pool_handle(std::shared_ptr<pool_port> port) : port_{std::move(port)} {}

const core::pool_id& pool_handle::id() const noexcept { return port_->id(); }

pool_load pool_handle::load() const { return port_->load(); }

void pool_handle::submit(core::command ask, callback<core::answer> then) const {
  port_->ask(std::move(ask), {}, std::move(then));
}

void pool_handle::submit(core::command ask, std::chrono::milliseconds wait,
                         callback<core::answer> then) const {
  port_->ask(std::move(ask), wait, std::move(then));
}

void pool_handle::submit_as(core::membership as, core::command ask, std::chrono::milliseconds wait,
                            callback<core::answer> then) const {
  port_->ask(std::move(ask), wait, std::move(then), std::move(as));
}

core::outcome<core::answer> pool_handle::ask(core::command ask,
                                             std::chrono::milliseconds wait) const {
  return blocking<core::answer>(
      [&](callback<core::answer> then) { port_->ask(std::move(ask), wait, std::move(then)); });
}

core::outcome<core::pool_snapshot> pool_handle::open(core::pool_config config, bool brief) const {
  return only<core::pool_snapshot>(ask(core::open_pool{std::move(config), brief}));
}

core::outcome<core::pool_snapshot> pool_handle::snapshot(bool brief) const {
  return only<core::pool_snapshot>(ask(core::read_snapshot{.brief = brief}));
}

core::outcome<core::run_joined> pool_handle::join(core::pool_member member) const {
  return only<core::run_joined>(ask(core::join_run{std::move(member)}));
}

core::outcome<core::run_left> pool_handle::leave(core::run_id run) const {
  return only<core::run_left>(ask(core::leave_run{std::move(run)}));
}

core::outcome<std::vector<core::pool_member>> pool_handle::members() const {
  auto list = only<core::member_list>(ask(core::list_members{}));
  if (!list) return list.error();
  return std::move(list->members);
}

core::outcome<core::message_receipt> pool_handle::send(core::run_message message) const {
  return only<core::message_receipt>(ask(core::send_message{std::move(message)}));
}

core::outcome<core::message_receipt> pool_handle::cancel_message(core::message_id id) const {
  return only<core::message_receipt>(ask(core::cancel_message{std::move(id)}));
}

core::outcome<core::message_receipt> pool_handle::record_message_status(
    core::record_message_status change) const {
  return only<core::message_receipt>(ask(std::move(change)));
}

core::outcome<std::vector<core::inbox_entry>> pool_handle::inbox(
    core::read_inbox ask, std::chrono::milliseconds wait) const {
  auto page = only<core::inbox_page>(this->ask(std::move(ask), wait));
  if (!page) return page.error();
  return std::move(page->entries);
}

core::outcome<std::uint64_t> pool_handle::ack_inbox(core::run_id run,
                                                    std::uint64_t sequence) const {
  const auto acked = only<core::inbox_acked>(ask(core::ack_inbox{std::move(run), sequence}));
  if (!acked) return acked.error();
  return acked->acked;
}

core::outcome<core::wake_registration> pool_handle::suspend_until(
    core::wake_condition condition) const {
  auto run = condition.run_id;
  return only<core::wake_registration>(
      ask(core::suspend_until{std::move(run), std::move(condition)}));
}

core::outcome<core::wake_registration> pool_handle::poll_wake(core::wake_condition_id id) const {
  return only<core::wake_registration>(ask(core::poll_wake{std::move(id)}));
}

core::outcome<core::wake_registration> pool_handle::cancel_wake(core::wake_condition_id id) const {
  return only<core::wake_registration>(ask(core::cancel_wake{std::move(id)}));
}

core::outcome<core::wake_report> pool_handle::await_wake(core::wake_condition_id id,
                                                         std::chrono::milliseconds wait) const {
  return only<core::wake_report>(ask(core::read_wake{std::move(id)}, wait));
}

core::outcome<core::event_cursor> pool_handle::publish_event(core::agent_event event) const {
  auto made = only<core::event_published>(ask(core::publish_event{std::move(event)}));
  if (!made) return made.error();
  return std::move(made->cursor);
}

// ---- runs that live elsewhere -----------------------------------------------------------------

void pool_handle::host(messages::hosted_run_ready ready) const {
  if (const auto pool = port_->pool()) caf::anon_send(pool, std::move(ready));
}

void pool_handle::host(messages::hosted_run_gone gone) const {
  if (const auto pool = port_->pool()) caf::anon_send(pool, std::move(gone));
}

void pool_handle::catch_up() const {
  if (const auto pool = port_->pool()) caf::anon_send(pool, messages::pool_changed{});
}

// ---- streams ----------------------------------------------------------------------------------

core::outcome<subscription> pool_handle::subscribe(core::event_filter filter,
                                                   std::optional<core::event_cursor> cursor) const {
  return blocking<subscription>([&](callback<subscription> then) {
    subscribe(std::move(filter), std::move(cursor), std::move(then));
  });
}

void pool_handle::subscribe(core::event_filter filter, std::optional<core::event_cursor> cursor,
                            callback<subscription> then) const {
  port_->open_stream(messages::open_subscription{std::move(filter), std::move(cursor)},
                     opening<core::event_frame>(std::move(then)));
}

core::outcome<std::vector<core::event_frame>> pool_handle::read_events(
    core::event_filter filter, std::optional<core::event_cursor> cursor) const {
  using frames = std::vector<core::event_frame>;
  return blocking<frames>([&](callback<frames> then) {
    read_events(std::move(filter), std::move(cursor), std::move(then));
  });
}

void pool_handle::read_events(core::event_filter filter, std::optional<core::event_cursor> cursor,
                              callback<std::vector<core::event_frame>> then) const {
  port_->ask_in_order(messages::read_events{std::move(filter), std::move(cursor)},
                      [then = std::move(then)](journal_outcome answer) {
                        if (!answer) return then(answer.error());
                        then(std::get<messages::frame_page>(std::move(*answer)).frames);
                      });
}

core::outcome<record_stream> pool_handle::watch(core::store_cursor cursor) const {
  return blocking<record_stream>(
      [&](callback<record_stream> then) { watch(cursor, std::move(then)); });
}

void pool_handle::watch(core::store_cursor cursor, callback<record_stream> then) const {
  port_->open_stream(messages::open_watch{cursor}, opening<core::store_record>(std::move(then)));
}

core::outcome<std::vector<core::store_record>> pool_handle::records(
    core::store_cursor cursor) const {
  using list = std::vector<core::store_record>;
  return blocking<list>([&](callback<list> then) { records(cursor, std::move(then)); });
}

void pool_handle::records(core::store_cursor cursor,
                          callback<std::vector<core::store_record>> then) const {
  port_->ask_in_order(messages::read_records{cursor},
                      [then = std::move(then)](journal_outcome answer) {
                        if (!answer) return then(answer.error());
                        then(std::get<messages::record_page>(std::move(*answer)).records);
                      });
}

core::outcome<std::vector<core::journal_record>> pool_handle::journal(
    std::optional<core::run_id> run, std::uint64_t after, std::uint64_t max) const {
  using list = std::vector<core::journal_record>;
  return blocking<list>(
      [&](callback<list> then) { journal(std::move(run), after, max, std::move(then)); });
}

void pool_handle::journal(std::optional<core::run_id> run, std::uint64_t after, std::uint64_t max,
                          callback<std::vector<core::journal_record>> then) const {
  port_->ask_in_order(messages::read_journal{std::move(run), after, max},
                      [then = std::move(then)](journal_outcome answer) {
                        if (!answer) return then(answer.error());
                        then(std::get<messages::journal_page>(std::move(*answer)).records);
                      });
}

}  // namespace agentpool::actors
