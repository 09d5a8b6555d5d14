#include "stores/postgres_connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace agentpool::stores {

namespace {

constexpr int binary = 1;  // libpq's word for the form of parameters and results

/// Parameters as libpq wants them.
struct parameter_lists {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> forms;

  explicit parameter_lists(std::span<const postgres_value> given) {
    for (const auto& each : given) {
      // Its messages have no room for more; a single statement never comes near in practice.
      if (each.bytes.size() > std::size_t{std::numeric_limits<int>::max() / 2})
        throw postgres_fault{postgres_fault::kind::refused, "54000", {}};
      types.push_back(static_cast<Oid>(each.type));
      values.push_back(each.bytes.data());
      lengths.push_back(static_cast<int>(each.bytes.size()));
      forms.push_back(binary);
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(types.size()); }
};

/// What libpq does with notices by itself is to print them.
void ignore_notice(void* /*context*/, const PGresult* /*result*/) {}

std::string where(PGconn* connection) {
  const char* host = PQhost(connection);
  const char* port = PQport(connection);
  std::string text = host == nullptr || *host == '\0' ? "the server" : host;
  if (port != nullptr && *port != '\0') text += std::string{" port "} + port;
  return text;
}

}  // namespace

postgres_rows::postgres_rows(pg_result* result)
    : result_{result, [](pg_result* owned) { PQclear(owned); }} {}

int postgres_rows::size() const { return PQntuples(result_.get()); }

bool postgres_rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) == 1;
}

std::string_view postgres_rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::uint64_t postgres_rows::number(int row, int column) const {
  return number_in(text(row, column));
}

std::string_view postgres_rows::tag() const { return PQcmdStatus(result_.get()); }

postgres_connection::postgres_connection(const std::string& conninfo, const deadline& until) {
  const std::array names{"dbname", "client_encoding", "fallback_application_name",
                         static_cast<const char*>(nullptr)};
  const std::array values{conninfo.c_str(), "UTF8", "agentpool", static_cast<const char*>(nullptr)};
  handle_ = PQconnectStartParams(names.data(), values.data(), 1);
  if (handle_ == nullptr) throw postgres_fault{postgres_fault::kind::lost, {}, "no memory is left"};
  place_ = where(handle_);
  PQsetNoticeReceiver(handle_, ignore_notice, nullptr);
  if (PQstatus(handle_) == CONNECTION_BAD) fail_to_connect();
  for (auto wants = PGRES_POLLING_WRITING; wants != PGRES_POLLING_OK;) {
    const auto events = static_cast<short>(wants == PGRES_POLLING_READING ? POLLIN : POLLOUT);
    if (!until.ready(PQsocket(handle_), events)) {
      place_ = where(handle_);
      lose("does not answer in time");
    }
    wants = PQconnectPoll(handle_);
    if (wants == PGRES_POLLING_FAILED) fail_to_connect();
  }
  place_ = where(handle_);
  if (PQsetnonblocking(handle_, 1) != 0 || PQenterPipelineMode(handle_) != 1) fail_to_connect();
}

postgres_connection::~postgres_connection() { PQfinish(handle_); }

/// Without line breaks, and without the password wherever it might have got in.
std::string postgres_connection::last_words() const {
  std::string words = PQerrorMessage(handle_);
  while (!words.empty() && words.back() == '\n') words.pop_back();
  std::ranges::replace_if(
      words, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  const char* password = PQpass(handle_);
  const std::string secret = password == nullptr ? "" : password;
  if (secret.empty()) return words;
  for (auto at = words.find(secret); at != std::string::npos; at = words.find(secret, at + 3))
    words.replace(at, secret.size(), "***");
  return words;
}

void postgres_connection::fail_to_connect() {
  place_ = where(handle_);
  auto words = last_words();
  PQfinish(std::exchange(handle_, nullptr));
  throw postgres_fault{postgres_fault::kind::lost, {}, place_ + ": " + words};
}

void postgres_connection::lose(const char* how) {
  PQfinish(std::exchange(handle_, nullptr));
  throw postgres_fault{postgres_fault::kind::lost, {}, place_ + " " + how};
}

void postgres_connection::require(int sent) {
  if (sent != 1) lose("cannot be reached any more");
}

void postgres_connection::send(const char* sql, std::span<const postgres_value> values) {
  if (handle_ == nullptr) lose("is not connected");
  auto& name = prepared_[sql];
  if (name.empty()) {
    name = "s" + std::to_string(++names_);
    preparing_.push_back(sql);
    const parameter_lists lists{values};
    require(PQsendPrepare(handle_, name.c_str(), sql, lists.count(), lists.types.data()));
    waiting_.push_back(sent::preparation);
  }
  const parameter_lists lists{values};
  require(PQsendQueryPrepared(handle_, name.c_str(), lists.count(), lists.values.data(),
                              lists.lengths.data(), lists.forms.data(), binary));
  waiting_.push_back(sent::statement);
}

void postgres_connection::send_once(const std::string& sql,
                                    std::span<const postgres_value> values) {
  if (handle_ == nullptr) lose("is not connected");
  const parameter_lists lists{values};
  require(PQsendQueryParams(handle_, sql.c_str(), lists.count(), lists.types.data(),
                            lists.values.data(), lists.lengths.data(), lists.forms.data(), binary));
  waiting_.push_back(sent::statement);
}

pg_result* postgres_connection::next_result(const deadline& until) {
  while (true) {
    const int unsent = PQflush(handle_);
    if (unsent < 0) lose("cannot be reached any more");
    if (PQisBusy(handle_) == 0) return PQgetResult(handle_);
    const auto events = static_cast<short>(unsent == 0 ? POLLIN : POLLIN | POLLOUT);
    if (!until.ready(PQsocket(handle_), events)) lose("does not answer in time");
    if (PQconsumeInput(handle_) != 1) lose("has closed the connection");
  }
}

std::vector<postgres_rows> postgres_connection::receive(const deadline& until) {
  if (handle_ == nullptr) lose("is not connected");
  require(PQpipelineSync(handle_));
  std::vector<postgres_rows> rows;
  rows.reserve(waiting_.size());
  std::string refusal;
  for (const auto what : std::exchange(waiting_, {})) read_answer(what, until, rows, refusal);
  const postgres_rows sync{next_result(until)};
  if (PQstatus(handle_) == CONNECTION_BAD) lose("has closed the connection");
  if (!refusal.empty())
    for (const auto* sql : preparing_) prepared_.erase(sql);  // perhaps they were skipped
  preparing_.clear();
  if (!refusal.empty()) throw postgres_fault{postgres_fault::kind::refused, refusal, {}};
  return rows;
}

/// One answer is a result and the mark that there is no more of it.
void postgres_connection::read_answer(sent what, const deadline& until,
                                      std::vector<postgres_rows>& rows, std::string& refusal) {
  auto* result = next_result(until);
  if (result == nullptr) lose("has closed the connection");
  postgres_rows answer{result};
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      if (what == sent::statement) rows.push_back(answer);
      break;
    case PGRES_PIPELINE_ABORTED: break;
    default: {
      const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
      if (state == nullptr || ends_connection(state)) lose("has closed the connection");
      if (refusal.empty()) refusal = state;
    }
  }
  if (auto* more = next_result(until); more != nullptr) {
    PQclear(more);
    lose("answers in another way than expected");
  }
}

void postgres_connection::roll_back(const deadline& until) {
  if (handle_ == nullptr) lose("is not connected");
  // What was taken and not sent yet goes along; in a failed transaction it does nothing.
  if (!waiting_.empty()) {
    try {
      receive(until);
    } catch (const postgres_fault& fault) {
      if (fault.what == postgres_fault::kind::lost) throw;
    }
  }
  if (PQtransactionStatus(handle_) == PQTRANS_IDLE) return;
  send("ROLLBACK");
  receive(until);
}

std::vector<postgres_notice> postgres_connection::take_notices() {
  if (handle_ == nullptr) lose("is not connected");
  if (PQconsumeInput(handle_) != 1) lose("has closed the connection");
  std::vector<postgres_notice> notices;
  while (auto* notify = PQnotifies(handle_)) {
    notices.push_back({notify->be_pid, notify->extra});
    PQfreemem(notify);
  }
  if (PQstatus(handle_) == CONNECTION_BAD) lose("has closed the connection");
  return notices;
}

int postgres_connection::backend() const { return PQbackendPID(handle_); }

int postgres_connection::version() const { return PQserverVersion(handle_); }

std::string postgres_connection::setting(const char* name) const {
  const char* text = PQparameterStatus(handle_, name);
  return text == nullptr ? std::string{} : text;
}

std::string postgres_connection::quoted(const std::string& name) const {
  char* text = PQescapeIdentifier(handle_, name.data(), name.size());
  if (text == nullptr) throw postgres_fault{postgres_fault::kind::lost, {}, "no memory is left"};
  std::string owned = text;
  PQfreemem(text);
  return owned;
}

}  // namespace agentpool::stores
