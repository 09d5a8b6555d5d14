#include "stores/postgres_session.hpp"

#include <array>

#include "stores/postgres_layout.hpp"

namespace agentpool::stores {

namespace {

using kind = postgres_fault::kind;

constexpr int oldest_server = 130'000;
constexpr int looks_skipped_most = 50;  ///< At a look every 20 ms, a try to connect every second.
constexpr std::chrono::milliseconds farewell_max{1'000};
// A backend whose engine is gone lets go of its locks after so long: while it waits for the next
// statement, and while it waits for the rest of one.
constexpr std::chrono::milliseconds silence_max{10'000};

std::string millis(std::chrono::milliseconds length) { return std::to_string(length.count()); }

}  // namespace

postgres_session::postgres_session(std::string conninfo, postgres_options options)
    : conninfo_{std::move(conninfo)}, options_{std::move(options)} {
  const deadline until{options_.call_wait_max};
  connect(until);
  find_tables(until);
}

// Its row would be in nobody's way; whoever crashes leaves one behind.
postgres_session::~postgres_session() {
  if (writer_.empty() || open_ || connection_ == nullptr) return;
  try {
    const deadline until{farewell_max};
    connection_->send("DELETE FROM agentpool_writers WHERE writer = $1",
                      std::array{value(writer_)});
    connection_->receive(until);
  } catch (const postgres_fault&) {
    return;
  }
}

postgres_connection& postgres_session::ready(const deadline& until) {
  if (connection_) take_notices();
  connect(until);
  if (open_) settle(until);
  return *connection_;
}

void postgres_session::connect(const deadline& until) {
  if (connection_) return;
  const deadline soon{options_.connect_wait_max, &until};
  auto made = std::make_unique<postgres_connection>(conninfo_, soon);
  connection_ = std::move(made);
  try {
    set_up(until);
    if (backend_ != 0) end_former(until);
    keep_apart(until);
    listen(until);
  } catch (...) {
    connection_.reset();
    throw;
  }
  all_changed_ = backend_ != 0;  // nobody told us of what happened meanwhile
  backend_ = static_cast<std::uint64_t>(connection_->backend());
  connection_->send(
      "SELECT extract(epoch FROM backend_start)::text FROM pg_stat_activity WHERE pid = $1",
      std::array{value(backend_)});
  const auto rows = connection_->receive(until);
  started_ = rows[0].size() == 0 ? std::string{} : std::string{rows[0].text(0, 0)};
}

void postgres_session::set_up(const deadline& until) {
  if (connection_->version() < oldest_server)
    throw postgres_fault{kind::unfit, {}, "the server is older than PostgreSQL 13"};
  if (connection_->setting("server_encoding") != "UTF8")
    throw postgres_fault{kind::unfit, {}, "the database's encoding is not UTF8"};
  const std::array values{value(options_.schema), value(millis(options_.lock_wait_max)),
                          value(millis(silence_max)), value(options_.read_only ? "on" : "off")};
  connection_->send(
      "SELECT set_config('search_path', quote_ident($1) || ', pg_temp', false),"
      " set_config('lock_timeout', $2, false),"
      " set_config('idle_in_transaction_session_timeout', $3, false),"
      " set_config('tcp_keepalives_idle', '5', false),"
      " set_config('tcp_keepalives_interval', '1', false),"
      " set_config('tcp_keepalives_count', '5', false),"
      " CASE WHEN $4 = 'on' THEN set_config('default_transaction_read_only', 'on', false) END,"
      // What is durable on other machines as well stays so.
      " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
      " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)",
      values);
  connection_->receive(until);
}

/// Every handle that writes holds a lock; one that wants to be alone holds it for itself.
void postgres_session::keep_apart(const deadline& until) {
  if (options_.read_only) return;
  const std::array name{value(options_.schema)};
  connection_->send(options_.alone
                        ? "SELECT pg_try_advisory_lock(hashtext('agentpool'), hashtext($1))"
                        : "SELECT pg_try_advisory_lock_shared(hashtext('agentpool'), hashtext($1))",
                    name);
  if (connection_->receive(until).at(0).is_true(0, 0)) return;
  throw postgres_fault{kind::held,
                       {},
                       options_.alone ? "another program has the store open"
                                      : "a program keeps the store to itself"};
}

void postgres_session::find_tables(const deadline& until) {
  switch (layout_of(*connection_, options_.schema, until)) {
    case postgres_layout::ours: return;
    case postgres_layout::older:
      if (options_.read_only) return;  // it has all that was in it then
      break;
    case postgres_layout::newer:
      throw postgres_fault{kind::unfit, {}, "the tables are those of a newer version"};
    case postgres_layout::missing:
      if (options_.read_only)
        throw postgres_fault{
            kind::unfit,
            {},
            "the database has no schema " + options_.schema + " with a store in it"};
      break;
  }
  lay_out(*connection_, options_.schema, until);
}

/// What the last connection left behind waits in vain for more of a transaction: it goes at once,
/// if this user may say so. One that is at work, or waits for a copy of its commit elsewhere, is
/// left to its end.
void postgres_session::end_former(const deadline& until) {
  const std::array values{value(backend_), value(started_)};
  connection_->send(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1"
      " AND extract(epoch FROM backend_start)::text = $2 AND wait_event = 'ClientRead'",
      values);
  try {
    connection_->receive(until);
  } catch (const postgres_fault& fault) {
    if (fault.what == kind::lost) throw;
  }
}

void postgres_session::listen(const deadline& until) {
  connection_->send("SELECT NOT pg_is_in_recovery()");
  listens_ = connection_->receive(until).at(0).is_true(0, 0);
  if (!listens_) return;
  connection_->send_once("LISTEN " + connection_->quoted(options_.schema + "_appended"));
  connection_->receive(until);
}

void postgres_session::enlist(const deadline& until) {
  connection_->send(
      "INSERT INTO agentpool_writers(writer, last_append) VALUES(gen_random_uuid()::text, 0)"
      " RETURNING writer");
  writer_ = connection_->receive(until).at(0).text(0, 0);
  written_ = 0;
}

// Without a row of its own, or with one that says something else, the division fails.
postgres_connection& postgres_session::begin(const deadline& until) {
  auto& connection = ready(until);
  if (writer_.empty()) enlist(until);
  connection.send("BEGIN ISOLATION LEVEL READ COMMITTED");
  connection.send(
      "WITH mine AS (UPDATE agentpool_writers SET last_append = $2 WHERE writer = $1"
      " AND last_append = $2 - 1 RETURNING 1) SELECT 1 / count(*) FROM mine",
      std::array{value(writer_), value(written_ + 1)});
  return connection;
}

void postgres_session::commit(postgres_connection& connection, const deadline& until) {
  connection.send("COMMIT");
  open_ = written_ + 1;
  try {
    const auto rows = connection.receive(until);
    // The COMMIT of a transaction that failed is a ROLLBACK.
    if (rows.back().tag() != "COMMIT") throw postgres_fault{kind::refused, "25P02", {}};
  } catch (const postgres_fault& fault) {
    if (fault.what != kind::lost) open_.reset();
    throw;
  }
  written_ = *std::exchange(open_, std::nullopt);
}

/// Finds out whether the open transaction was committed.
bool postgres_session::settle(const deadline& until) {
  connect(until);
  connection_->send("BEGIN ISOLATION LEVEL READ COMMITTED");
  connection_->send("SELECT last_append FROM agentpool_writers WHERE writer = $1 FOR UPDATE",
                    std::array{value(writer_)});
  connection_->send("ROLLBACK");
  const auto rows = connection_->receive(until);
  if (rows[1].size() == 0)
    throw postgres_fault{kind::mislaid,
                         {},
                         "whether the last append was committed cannot be told any more, since"
                         " somebody removed the writer's row; open the store anew"};
  const bool committed = rows[1].number(0, 0) == *open_;
  if (committed) written_ = *open_;
  open_.reset();
  return committed;
}

/// Returns when the work is to be tried again.
void postgres_session::recover(const postgres_fault& fault, const deadline& until) {
  bool again = fault.what == kind::lost || fault.what == kind::held || fault.passes();
  if (fault.what == kind::lost) connection_.reset();
  if (fault.state == "22012") {  // division_by_zero: the row of this writer is gone
    writer_.clear();
    again = true;
  }
  // Whatever still holds the row of an open transaction will end.
  again = again || (open_ && fault.state == "55P03");
  if (connection_) {
    try {
      connection_->roll_back(until);
    } catch (const postgres_fault&) {
      connection_.reset();
    }
  }
  if (!again || until.over()) throw fault;
}

void postgres_session::take_notices() {
  try {
    for (const auto& notice : connection_->take_notices()) {
      if (notice.sender == connection_->backend()) continue;
      if (notice.payload.empty()) all_changed_ = true;
      if (!core::identifier_fault(notice.payload).empty()) continue;  // no pool can have that id
      changed_.insert(core::pool_id{notice.payload});
    }
  } catch (const postgres_fault&) {
    connection_.reset();
  }
}

std::vector<core::pool_id> postgres_session::take_changed() {
  if (connection_) take_notices();
  if (!connection_ && looks_to_skip_ > 0) {
    --looks_to_skip_;
    return {};
  }
  try {
    const deadline until{options_.connect_wait_max};
    look(until);
  } catch (const postgres_fault&) {
    connection_.reset();
    looks_skipped_ = std::min(2 * looks_skipped_ + 1, looks_skipped_most);
    looks_to_skip_ = looks_skipped_;
    throw;
  }
  looks_skipped_ = 0;
  const auto changed = std::exchange(changed_, {});
  return {changed.begin(), changed.end()};
}

void postgres_session::look(const deadline& until) {
  auto& connection = ready(until);
  if (listens_ && !all_changed_) return;
  connection.send("SELECT pool_id FROM agentpool_heads");
  const auto rows = connection.receive(until);
  for (int row = 0; row < rows[0].size(); ++row) {
    const auto id = rows[0].text(row, 0);
    if (core::identifier_fault(id).empty()) changed_.insert(core::pool_id{id});
  }
  all_changed_ = false;
}

}  // namespace agentpool::stores
