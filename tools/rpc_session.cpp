#include "rpc_session.hpp"

#include <exception>
#include <optional>
#include <utility>

namespace agentpool::tools {

namespace {

std::string subscription_result(const std::string& id) {
  return R"({"subscription_id":")" + id + "\"}";
}

/// Whether the request is a stream of this connection, not a read of what there is.
bool follows(const rpc_request& request) {
  return (request.method == "subscribe" || request.method == "watch_pool") &&
         optional_param<bool>(request, "follow").value_or(true);
}

/// Whether it may take as long as its caller likes.
bool waits(const rpc_request& request) {
  return (request.method == "inbox" || request.method == "await_wake") &&
         wait_of(request).count() > 0;
}

}  // namespace

rpc_session::rpc_session(actors::engine& engine, int output, rpc_limits limits,
                         actors::remote::client* program)
    : engine_{engine},
      limits_{limits},
      desk_{std::make_shared<owner_desk>(engine, program)},
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
  try {
    run(request);
  } catch (const bad_params& fault) {
    refuse(request.id, rpc_code::invalid_params, fault.message);
  } catch (const std::exception& fault) {
    refuse(request.id, rpc_code::internal_error, fault.what());
  }
}

void rpc_session::run(const rpc_request& request) {
  if (follows(request)) return request.method == "subscribe" ? subscribe(request) : watch(request);
  if (request.method == "unsubscribe") return unsubscribe(request);
  const bool waiting = waits(request);
  if (waiting && too_many_wait())
    return answer(request.id,
                  core::overloaded("too many requests of this client wait (at most " +
                                   std::to_string(limits_.waiting_max) + "): repeat later"));
  if (request.method == "list_pools") wait_for_effects();  // a pool opened before is listed
  begin(waiting);
  call_method(desk_, request, [this, waiting, id = request.id](const rpc_result& result) {
    if (const auto* fault = std::get_if<rpc_fault>(&result)) {
      refuse(id, *fault);
    } else {
      answer(id, std::get<std::string>(result));
    }
    done(waiting);
  });
}

void rpc_session::refuse_long_line() {
  refuse({}, rpc_code::invalid_request,
         "a line has at most " + std::to_string(limits_.line_bytes_max) + " bytes");
}

// ---- streams ------------------------------------------------------------------------------

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

void rpc_session::subscribe(const rpc_request& request) {
  const auto pool = engine_.pool(required_param<core::pool_id>(request, "pool_id"));
  auto filter =
      optional_param<core::event_filter>(request, "filter").value_or(core::event_filter{});
  auto cursor = optional_param<core::event_cursor>(request, "cursor");
  pool.subscribe(filter, cursor,
                 answer_with<actors::subscription>(
                     request, [this, pool, filter, cursor](const std::string& id,
                                                           actors::subscription stream) {
                       const auto name = streams_.add(pool, filter, cursor, std::move(stream));
                       answer(id, subscription_result(name));
                       streams_.resume(name);
                     }));
}

void rpc_session::watch(const rpc_request& request) {
  const auto pool = engine_.pool(required_param<core::pool_id>(request, "pool_id"));
  const auto cursor =
      optional_param<core::store_cursor>(request, "cursor").value_or(core::store_cursor{});
  pool.watch(cursor, answer_with<actors::record_stream>(
                         request,
                         [this, pool, cursor](const std::string& id, actors::record_stream stream) {
                           const auto name = streams_.add(pool, cursor, std::move(stream));
                           answer(id, subscription_result(name));
                           streams_.resume(name);
                         }));
}

void rpc_session::unsubscribe(const rpc_request& request) {
  (void)optional_param<core::pool_id>(request, "pool_id");
  const auto name = required_param<std::string>(request, "subscription_id");
  begin();
  const bool found = streams_.end(name, [this, id = request.id] {
    answer(id, "{}");
    done();
  });
  if (found) return;
  done();
  throw bad_params{"subscription_id: no such subscription"};
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

void rpc_session::refuse(const std::string& id, const rpc_fault& fault) {
  if (fault.error) return answer(id, *fault.error);
  refuse(id, fault.code, fault.message);
}

void rpc_session::refuse(const std::string& id, rpc_code code, std::string_view why) {
  // A notification is never answered; a line that has no readable id is, with id null.
  const bool unreadable = code == rpc_code::parse_error || code == rpc_code::invalid_request;
  if (!id.empty() || unreadable) output_.write(error_line(id, code, why));
}

}  // namespace agentpool::tools
