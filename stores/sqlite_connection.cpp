#include "stores/sqlite_connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

constexpr std::chrono::microseconds pause_min{1};  ///< So that every wait ends.
constexpr int short_waits = 200;  ///< Pauses of `busy_pause`; the later ones are ten times longer.

/// True for the codes that tell of a damaged file rather than of a passing obstacle.
bool is_damage(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // a table of ours that has other columns
    case SQLITE_MISMATCH: return true;
    default: break;
  }
  return code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS ||
         code == SQLITE_IOERR_DATA;
}

/// What a caller can do something about, in words.
std::string explained(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program holds the store's lock";
    case SQLITE_FULL: return "the disk is full";
    case SQLITE_READONLY: return "the store's file or folder is read-only";
    case SQLITE_CANTOPEN: return "the store's file cannot be opened";
    case SQLITE_NOTADB: return "the file is no SQLite database";
    case SQLITE_CORRUPT: return "the file is damaged";
    case SQLITE_CONSTRAINT: return "another program wrote there first";
    case SQLITE_ERROR: return "the tables do not have the columns of a store";
    default: return sqlite3_errstr(code);
  }
}

}  // namespace

core::agent_error store_error(int code, std::string_view doing, const log_place& place) {
  std::string message = described(place) + ": " + std::string{doing} +
                        " failed: " + explained(code) + " (SQLite code " + std::to_string(code) +
                        ")";
  if (is_damage(code)) return core::store_corrupt(std::move(message), about_pool(place.pool));
  return core::store_unavailable(std::move(message), about_pool(place.pool));
}

sqlite_connection::sqlite_connection(const std::string& path, bool read_only,
                                     std::chrono::microseconds wait_max,
                                     std::chrono::microseconds pause)
    : wait_max_{wait_max}, pause_{std::max(pause, pause_min)} {
  const int access = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    sqlite3_close_v2(handle_);
    throw sqlite_fault{code};
  }
  // SQLite opens what must not be written read-only without a word.
  if (!read_only && sqlite3_db_readonly(handle_, "main") == 1) {
    sqlite3_close_v2(handle_);
    throw sqlite_fault{SQLITE_READONLY};
  }
  sqlite3_busy_handler(handle_, &sqlite_connection::on_busy, this);
  // A store may come from anywhere: nothing in its schema may run functions or break the file.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

sqlite_connection::~sqlite_connection() { sqlite3_close_v2(handle_); }

void sqlite_connection::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw sqlite_fault{code};
}

void sqlite_connection::give_way() const { std::this_thread::sleep_for(2 * pause_); }

bool sqlite_connection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(handle_) == 0;
}

std::uint64_t sqlite_connection::last_rowid() const noexcept {
  return static_cast<std::uint64_t>(sqlite3_last_insert_rowid(handle_));
}

int sqlite_connection::changed_rows() const noexcept { return sqlite3_changes(handle_); }

void sqlite_connection::roll_back() noexcept {
  // SQLite itself has rolled back after some faults; then there is nothing left to do.
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

// The wait is bounded by the sum of its pauses, so that no clock has to be asked.
int sqlite_connection::on_busy(void* self, int calls) noexcept {
  auto& here = *static_cast<sqlite_connection*>(self);
  if (calls == 0) here.waited_ = std::chrono::microseconds{0};
  if (here.waited_ >= here.wait_max_) return 0;
  const auto pause = calls < short_waits ? here.pause_ : 10 * here.pause_;
  std::this_thread::sleep_for(pause);
  here.waited_ += pause;
  return 1;
}

sqlite_statement::~sqlite_statement() { sqlite3_finalize(handle_); }

void sqlite_statement::require(int code) {
  if (code != SQLITE_OK) throw sqlite_fault{code};
}

void sqlite_statement::prepare() {
  if (handle_ != nullptr) return;
  require(sqlite3_prepare_v3(connection_->handle(), sql_.c_str(), static_cast<int>(sql_.size()),
                             SQLITE_PREPARE_PERSISTENT, &handle_, nullptr));
}

void sqlite_statement::bind(int index, std::uint64_t value) {
  prepare();
  require(sqlite3_bind_int64(handle_, index, static_cast<sqlite3_int64>(value)));
}

void sqlite_statement::bind(int index, std::string_view text) {
  prepare();
  require(
      sqlite3_bind_text64(handle_, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_statement::bind_null(int index) {
  prepare();
  require(sqlite3_bind_null(handle_, index));
}

void sqlite_statement::bind_bytes(int index, std::string_view bytes) {
  prepare();
  require(sqlite3_bind_blob64(handle_, index, bytes.data(), bytes.size(), SQLITE_STATIC));
}

bool sqlite_statement::step() {
  prepare();
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw sqlite_fault{code};
}

void sqlite_statement::reset() noexcept {
  if (handle_ != nullptr) sqlite3_reset(handle_);
}

bool sqlite_statement::is_integer(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_INTEGER;
}

bool sqlite_statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::uint64_t sqlite_statement::integer(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(handle_, column));
}

std::string_view sqlite_statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view sqlite_statement::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

}  // namespace agentpool::stores
