#include "rpc_session.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "agentpool/core/json.hpp"

namespace agentpool::tools {

namespace {

/// A parameter is wrong: answered with -32602 and the path.
struct bad_params {
  std::string message;
};

std::optional<core::json_value> param(const rpc_request& request, std::string_view name) {
  return request.params ? request.params->find(name) : std::nullopt;
}

template <class T>
T required(const rpc_request& request, std::string_view name) {
  const auto found = param(request, name);
  if (!found) throw bad_params{std::string{name} + ": is missing"};
  auto value = core::read_json<T>(*found, core::reading::request, name);
  if (!value) throw bad_params{value.error().message};
  return std::move(*value);
}

template <class T>
std::optional<T> optional(const rpc_request& request, std::string_view name) {
  const auto found = param(request, name);
  if (!found || found->is_null()) return std::nullopt;
  return required<T>(request, name);
}

/// A list as the value of the one field of a result.
template <class T>
std::string list_result(std::string_view name, const std::vector<T>& values) {
  std::string out = "{\"" + std::string{name} + "\":";
  core::detail::write_list(out, values);
  out += '}';
  return out;
}

std::string subscription_result(const std::string& id) {
  return R"({"subscription_id":")" + id + "\"}";
}

}  // namespace

/// A row of the method table.
struct rpc_session::method_row {
  std::string_view name;
  void (rpc_session::*run)(const rpc_request&);
};

const rpc_session::method_row* rpc_session::find_method(std::string_view name) {
  static constexpr std::array methods{
      method_row{"list_pools", &rpc_session::list_pools},
      method_row{"open_pool", &rpc_session::ask<core::open_pool>},
      method_row{"join_run", &rpc_session::join_run},
      method_row{"leave_run", &rpc_session::ask<core::leave_run>},
      method_row{"members", &rpc_session::ask<core::list_members>},
      method_row{"send", &rpc_session::ask<core::send_message>},
      method_row{"cancel_message", &rpc_session::ask<core::cancel_message>},
      method_row{"record_message_status", &rpc_session::ask<core::record_message_status>},
      method_row{"inbox", &rpc_session::ask_and_wait<core::read_inbox>},
      method_row{"ack_inbox", &rpc_session::ask<core::ack_inbox>},
      method_row{"suspend_until", &rpc_session::ask<core::suspend_until>},
      method_row{"poll_wake", &rpc_session::ask<core::poll_wake>},
      method_row{"cancel_wake", &rpc_session::ask<core::cancel_wake>},
      method_row{"await_wake", &rpc_session::ask_and_wait<core::read_wake>},
      method_row{"snapshot", &rpc_session::ask<core::read_snapshot>},
      method_row{"publish_event", &rpc_session::ask<core::publish_event>},
      method_row{"subscribe", &rpc_session::subscribe},
      method_row{"watch_pool", &rpc_session::watch_pool},
      method_row{"unsubscribe", &rpc_session::unsubscribe},
      method_row{"journal", &rpc_session::journal},
  };
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const method_row& row) { return row.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

rpc_session::rpc_session(actors::engine& engine, int output, rpc_limits limits,
                         actors::remote::client* program)
    : engine_{engine},
      limits_{limits},
      program_{program},
      output_{output, limits.output_bytes_max},
      streams_{output_} {
  output_.when_roomy([this] { streams_.resume_all(); });
}

void rpc_session::take(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return under_way_ - waiting_ < limits_.under_way_max; });
  }
  output_.wait_for_room();
  auto parsed = parse_request(line);
  if (auto* refusal = std::get_if<rpc_refusal>(&parsed)) return output_.write(refusal->line);
  const auto& request = std::get<rpc_request>(parsed);
  const auto* row = find_method(request.method);
  if (row == nullptr)
    return refuse(request.id, rpc_code::method_not_found, "no such method: " + request.method);
  run(*row, request);
}

void rpc_session::run(const method_row& row, const rpc_request& request) {
  try {
    (this->*row.run)(request);
  } catch (const bad_params& fault) {
    refuse(request.id, rpc_code::invalid_params, fault.message);
  } catch (const std::exception& fault) {
    refuse(request.id, rpc_code::internal_error, fault.what());
  }
}

void rpc_session::refuse_long_line() {
  refuse({}, rpc_code::invalid_request,
         "a line has at most " + std::to_string(limits_.line_bytes_max) + " bytes");
}

// ---- parameters ---------------------------------------------------------------------------

actors::pool_handle rpc_session::pool_of(const rpc_request& request) {
  return engine_.pool(required<core::pool_id>(request, "pool_id"));
}

std::chrono::milliseconds rpc_session::wait_of(const rpc_request& request) const {
  const auto millis = optional<std::uint64_t>(request, "wait_millis").value_or(0);
  return std::chrono::milliseconds{std::min(millis, limits_.wait_millis_max)};
}

namespace {

/// What a program is told whose run joined a pool at a node.
struct seat_told {
  core::store_cursor cursor;
  std::optional<std::string> token;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
    visit("token", self.token);
  }
};

/// The command that the parameters of a request say.
template <class Command>
Command command_in(const rpc_request& request) {
  // Without params, pool_id would have been missed before.
  auto command = core::read_json<Command>(request.params.value(), core::reading::request);
  if (!command) throw bad_params{command.error().message};
  return std::move(*command);
}

}  // namespace

// ---- methods ------------------------------------------------------------------------------

template <class Command>
void rpc_session::ask(const rpc_request& request) {
  const auto pool = pool_of(request);
  auto command = command_in<Command>(request);
  pool.submit(std::move(command), answer_to(request, false));
}

/// At nodes a run has a secret: given to take the run over, and told to whom joined it.
void rpc_session::join_run(const rpc_request& request) {
  if (program_ == nullptr) return ask<core::join_run>(request);
  const auto pool = pool_of(request);
  auto command = command_in<core::join_run>(request);
  const auto run = command.member.run_id;
  if (auto token = optional<std::string>(request, "token"))
    program_->present(pool.id(), run, *std::move(token));
  pool.submit(
      std::move(command),
      answer_with<core::answer>(request, [this, pool, run](const std::string& id,
                                                           const core::answer& joined) {
        seat_told told{std::get<core::run_joined>(joined).cursor, program_->token(pool.id(), run)};
        answer(id, core::written(told));
      }));
}

template <class Command>
void rpc_session::ask_and_wait(const rpc_request& request) {
  const auto pool = pool_of(request);
  const auto wait = wait_of(request);
  auto command = command_in<Command>(request);
  if (wait.count() > 0 && too_many_wait())
    return answer(request.id,
                  core::overloaded("too many requests of this client wait (at most " +
                                   std::to_string(limits_.waiting_max) + "): repeat later"));
  pool.submit(std::move(command), wait, answer_to(request, wait.count() > 0));
}

actors::callback<core::answer> rpc_session::answer_to(const rpc_request& request, bool waits) {
  begin(waits);
  return [this, waits, id = request.id](const core::outcome<core::answer>& reply) {
    if (reply) {
      answer(id, std::visit([](const auto& value) { return core::written(value); }, *reply));
    } else {
      answer(id, reply.error());
    }
    done(waits);
  };
}

template <class T, class Write>
actors::callback<T> rpc_session::answer_with(const rpc_request& request, Write write) {
  begin();
  return [this, id = request.id, write = std::move(write)](core::outcome<T> outcome) {
    if (outcome) {
      write(id, std::move(*outcome));
    } else {
      answer(id, outcome.error());
    }
    done();
  };
}

void rpc_session::list_pools(const rpc_request& request) {
  wait_for_effects();  // a pool that was opened before is listed
  engine_.list_pools(answer_with<std::vector<core::pool_id>>(
      request, [this](const std::string& id, const std::vector<core::pool_id>& pools) {
        answer(id, list_result("pool_ids", pools));
      }));
}

void rpc_session::subscribe(const rpc_request& request) {
  const auto pool = pool_of(request);
  auto filter = optional<core::event_filter>(request, "filter").value_or(core::event_filter{});
  auto cursor = optional<core::event_cursor>(request, "cursor");
  if (!optional<bool>(request, "follow").value_or(true)) {
    return pool.read_events(
        filter, cursor,
        answer_with<std::vector<core::event_frame>>(
            request, [this](const std::string& id, const std::vector<core::event_frame>& frames) {
              answer(id, list_result("frames", frames));
            }));
  }
  pool.subscribe(filter, cursor,
                 answer_with<actors::subscription>(
                     request, [this, pool, filter, cursor](const std::string& id,
                                                           actors::subscription stream) {
                       const auto name = streams_.add(pool, filter, cursor, std::move(stream));
                       answer(id, subscription_result(name));
                       streams_.resume(name);
                     }));
}

void rpc_session::watch_pool(const rpc_request& request) {
  const auto pool = pool_of(request);
  const auto cursor =
      optional<core::store_cursor>(request, "cursor").value_or(core::store_cursor{});
  if (!optional<bool>(request, "follow").value_or(true)) {
    return pool.records(
        cursor,
        answer_with<std::vector<core::store_record>>(
            request, [this](const std::string& id, const std::vector<core::store_record>& records) {
              answer(id, list_result("records", records));
            }));
  }
  pool.watch(cursor, answer_with<actors::record_stream>(
                         request,
                         [this, pool, cursor](const std::string& id, actors::record_stream stream) {
                           const auto name = streams_.add(pool, cursor, std::move(stream));
                           answer(id, subscription_result(name));
                           streams_.resume(name);
                         }));
}

void rpc_session::unsubscribe(const rpc_request& request) {
  (void)optional<core::pool_id>(request, "pool_id");
  const auto name = required<std::string>(request, "subscription_id");
  begin();
  const bool found = streams_.end(name, [this, id = request.id] {
    answer(id, "{}");
    done();
  });
  if (found) return;
  done();
  throw bad_params{"subscription_id: no such subscription"};
}

void rpc_session::journal(const rpc_request& request) {
  const auto pool = pool_of(request);
  const auto run = optional<core::run_id>(request, "run_id");
  const auto after = optional<std::uint64_t>(request, "after").value_or(0);
  pool.journal(
      run, after,
      answer_with<std::vector<core::journal_record>>(
          request, [this](const std::string& id, const std::vector<core::journal_record>& records) {
            answer(id, list_result("records", records));
          }));
}

// ---- what is under way --------------------------------------------------------------------

void rpc_session::begin(bool waiting) {
  const std::lock_guard lock{mutex_};
  ++under_way_;
  if (waiting) ++waiting_;
}

void rpc_session::done(bool waiting) {
  const std::lock_guard lock{mutex_};
  --under_way_;
  if (waiting) --waiting_;
  changed_.notify_all();
}

bool rpc_session::too_many_wait() {
  const std::lock_guard lock{mutex_};
  return waiting_ >= limits_.waiting_max;
}

void rpc_session::wait_for_effects() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return under_way_ == waiting_; });
}

void rpc_session::finish() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return under_way_ == 0; });
  std::size_t ended = 0;
  lock.unlock();
  const auto streams = streams_.end_all([this, &ended] {
    const std::lock_guard inner{mutex_};
    ++ended;
    changed_.notify_all();
  });
  lock.lock();
  changed_.wait(lock, [&] { return ended == streams; });
  lock.unlock();
  output_.drain();
}

void rpc_session::answer(const std::string& id, std::string_view result) {
  if (!id.empty()) output_.write(result_line(id, result));
}

void rpc_session::answer(const std::string& id, const core::agent_error& error) {
  if (!id.empty()) output_.write(error_line(id, error));
}

void rpc_session::refuse(const std::string& id, rpc_code code, std::string_view why) {
  // A notification is never answered; a line that has no readable id is, with id null.
  const bool unreadable = code == rpc_code::parse_error || code == rpc_code::invalid_request;
  if (!id.empty() || unreadable) output_.write(error_line(id, code, why));
}

}  // namespace agentpool::tools
