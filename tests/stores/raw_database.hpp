// A PostgreSQL database as another program sees it: plain SQL and no more.
#pragma once

#include <string>

struct pg_conn;

namespace agentpool::stores {

class raw_database {
 public:
  /// Connects, and finds tables in `schema`. Throws std::runtime_error, as all the rest does.
  explicit raw_database(const std::string& conninfo, const std::string& schema = "agentpool");
  ~raw_database();
  raw_database(const raw_database&) = delete;
  raw_database& operator=(const raw_database&) = delete;

  void run(const std::string& sql);

  /// The first column of the first row as text; "none" without a row, "NULL" for no value.
  [[nodiscard]] std::string value(const std::string& sql);

  /// Inserts a record row by the shared columns alone.
  void insert(const std::string& pool, int seq, const std::string& kind,
              const std::string& payload_json);

 private:
  pg_conn* handle_ = nullptr;
};

}  // namespace agentpool::stores
