#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stores/postgres_fault.hpp"
#include "stores/postgres_values.hpp"
#include "stores/postgres_wait.hpp"

struct pg_conn;
struct pg_result;

/// libpq with owners for its objects. Faults are thrown here and become outcomes at the edge of the
/// store.
namespace agentpool::stores {

/// What a statement gave. Views are valid as long as it lives.
class postgres_rows {
 public:
  explicit postgres_rows(pg_result* result);

  [[nodiscard]] int size() const;
  [[nodiscard]] bool is_null(int row, int column) const;
  [[nodiscard]] std::string_view text(int row, int column) const;
  [[nodiscard]] std::uint64_t number(int row, int column) const;
  [[nodiscard]] bool is_true(int row, int column) const { return number(row, column) != 0; }

  /// The statement's tag, as "COMMIT".
  [[nodiscard]] std::string_view tag() const;

 private:
  std::shared_ptr<pg_result> result_;
};

/// A notification, as it came.
struct postgres_notice {
  int sender = 0;  ///< Process id of the backend that sent it.
  std::string payload;
};

/// An open connection in pipeline mode. Whoever gets a fault of the kind `lost` closes it.
class postgres_connection {
 public:
  /// Connects. Throws `postgres_fault`, with what the server or the network said and without the
  /// password.
  postgres_connection(const std::string& conninfo, const deadline& until);
  ~postgres_connection();
  postgres_connection(const postgres_connection&) = delete;
  postgres_connection& operator=(const postgres_connection&) = delete;

  /// Takes a statement to be sent; it is prepared on first use. `sql` is a literal, or lives as
  /// long as the connection.
  void send(const char* sql, std::span<const postgres_value> values = {});
  /// The same for a statement that is made for once.
  void send_once(const std::string& sql, std::span<const postgres_value> values = {});

  /// Sends what was taken and waits for the answers, one for each `send` in order. Throws
  /// `postgres_fault`: what the server refused first, after which it skipped the rest.
  std::vector<postgres_rows> receive(const deadline& until);

  /// Ends a transaction that cannot be kept, if there is one.
  void roll_back(const deadline& until);

  /// What others have notified, as far as it has come. No round trip. Throws when the connection
  /// is lost.
  [[nodiscard]] std::vector<postgres_notice> take_notices();

  /// Process id of the backend.
  [[nodiscard]] int backend() const;

  /// Where the server is, for messages.
  [[nodiscard]] const std::string& place() const noexcept { return place_; }

  /// A setting that the server tells, as server_encoding; empty when it does not.
  [[nodiscard]] std::string setting(const char* name) const;

  /// The server's version: 150004 for 15.4.
  [[nodiscard]] int version() const;

  /// As an identifier in a statement.
  [[nodiscard]] std::string quoted(const std::string& name) const;

 private:
  enum class sent : std::uint8_t { preparation, statement };

  [[noreturn]] void lose(const char* how);
  [[noreturn]] void fail_to_connect();
  void require(int sent);
  [[nodiscard]] std::string last_words() const;
  [[nodiscard]] pg_result* next_result(const deadline& until);
  void send_prepared(const std::string& name, std::span<const postgres_value> values);
  void read_answer(sent what, const deadline& until, std::vector<postgres_rows>& rows,
                   std::string& refusal);

  pg_conn* handle_ = nullptr;
  std::string place_;
  std::vector<sent> waiting_;
  std::unordered_map<const char*, std::string> prepared_;
  std::vector<const char*> preparing_;  ///< Since the last `receive`.
  std::uint64_t names_ = 0;
};

}  // namespace agentpool::stores
