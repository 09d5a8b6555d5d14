// A SQLite file as another program sees it: plain SQL and no more.
#pragma once

#include <string>

struct sqlite3;

namespace agentpool::stores {

class raw_file {
 public:
  /// Opens or makes the file. Throws std::runtime_error, as all the rest does.
  explicit raw_file(const std::string& path);
  ~raw_file();
  raw_file(const raw_file&) = delete;
  raw_file& operator=(const raw_file&) = delete;

  void run(const std::string& sql);

  /// The first column of the first row as text; "none" without a row, "NULL" for no value.
  [[nodiscard]] std::string value(const std::string& sql);

  /// Makes the shared tables as the other program does, without columns of ours.
  void make_shared_tables();

  /// Inserts a record row by the shared columns alone.
  void insert(const std::string& pool, int seq, const std::string& kind,
              const std::string& payload_json);

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace agentpool::stores
