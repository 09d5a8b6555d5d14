#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agentpool/core/error.hpp"
#include "stores/log_rows.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite with owners for its objects. Faults are thrown here and become outcomes at the edge of
/// the store.
namespace agentpool::stores {

/// SQLite refused; `code` is its extended result code.
struct sqlite_fault {
  int code = 0;
};

/// The typed error of a SQLite result code, met at `place` while `doing` something.
[[nodiscard]] core::agent_error store_error(int code, std::string_view doing,
                                            const log_place& place);

/// An open database.
class sqlite_connection {
 public:
  /// Throws `sqlite_fault`.
  sqlite_connection(const std::string& path, bool read_only, std::chrono::microseconds wait_max,
                    std::chrono::microseconds pause);
  ~sqlite_connection();
  sqlite_connection(const sqlite_connection&) = delete;
  sqlite_connection& operator=(const sqlite_connection&) = delete;

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

  /// Runs statements that give no rows. Throws `sqlite_fault`.
  void run(const char* sql);

  /// The wait between two looks at a lock.
  [[nodiscard]] std::chrono::microseconds pause() const noexcept { return pause_; }

  /// Waits a little longer than others do between two looks at the lock.
  void give_way() const;

  /// True in a transaction that `run` began.
  [[nodiscard]] bool in_transaction() const noexcept;

  /// The rowid of the last row inserted.
  [[nodiscard]] std::uint64_t last_rowid() const noexcept;

  /// How many rows the last statement wrote.
  [[nodiscard]] int changed_rows() const noexcept;

  /// Ends a transaction that cannot be kept, if there is one.
  void roll_back() noexcept;

 private:
  static int on_busy(void* self, int calls) noexcept;

  sqlite3* handle_ = nullptr;
  std::chrono::microseconds wait_max_;
  std::chrono::microseconds pause_;
  std::chrono::microseconds waited_{0};
};

/// A prepared statement, kept; prepared when first used.
class sqlite_statement {
 public:
  sqlite_statement(sqlite_connection& connection, std::string sql)
      : connection_{&connection}, sql_{std::move(sql)} {}
  ~sqlite_statement();
  sqlite_statement(const sqlite_statement&) = delete;
  sqlite_statement& operator=(const sqlite_statement&) = delete;

  /// Binds parameters from 1 on. Text and bytes are not copied: they have to live until `reset`.
  void bind(int index, std::uint64_t value);
  void bind(int index, std::string_view text);
  void bind_null(int index);
  void bind_bytes(int index, std::string_view bytes);

  /// Goes to the next row; false after the last one. Throws `sqlite_fault`.
  bool step();

  /// Ends the run, so that it holds no lock. Bound values stay.
  void reset() noexcept;

  /// The current row's columns, from 0 on. Text and bytes are valid until the next `step` or
  /// `reset`.
  [[nodiscard]] bool is_integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::uint64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  void prepare();
  static void require(int code);

  sqlite_connection* connection_;
  std::string sql_;
  sqlite3_stmt* handle_ = nullptr;
};

/// A statement in use: bound on construction, reset at the end of the scope.
class statement_run {
 public:
  template <class... Values>
  explicit statement_run(sqlite_statement& statement, const Values&... values)
      : statement_{&statement} {
    int index = 0;
    (statement.bind(++index, values), ...);
  }
  ~statement_run() { statement_->reset(); }
  statement_run(const statement_run&) = delete;
  statement_run& operator=(const statement_run&) = delete;

  bool step() { return statement_->step(); }
  sqlite_statement* operator->() const noexcept { return statement_; }
  sqlite_statement& operator*() const noexcept { return *statement_; }

 private:
  sqlite_statement* statement_;
};

}  // namespace agentpool::stores
