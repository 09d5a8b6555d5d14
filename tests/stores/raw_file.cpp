#include "raw_file.hpp"

#include <sqlite3.h>

#include <stdexcept>

namespace agentpool::stores {

namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

int keep_first(void* result, int, char** values, char**) {
  auto& text = *static_cast<std::string*>(result);
  if (text == "none") text = values[0] == nullptr ? "NULL" : values[0];
  return 0;
}

}  // namespace

raw_file::raw_file(const std::string& path) {
  if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error{"cannot open"};
  sqlite3_busy_timeout(handle_, 5'000);
}

raw_file::~raw_file() { sqlite3_close(handle_); }

void raw_file::run(const std::string& sql) { static_cast<void>(value(sql)); }

std::string raw_file::value(const std::string& sql) {
  std::string result = "none";
  if (sqlite3_exec(handle_, sql.c_str(), keep_first, &result, nullptr) != SQLITE_OK)
    throw std::runtime_error{sqlite3_errmsg(handle_)};
  return result;
}

void raw_file::make_shared_tables() {
  run("CREATE TABLE IF NOT EXISTS agent_pool_records(pool_id TEXT, seq INTEGER, kind TEXT,"
      " payload_json TEXT, PRIMARY KEY(pool_id, seq));"
      "CREATE TABLE IF NOT EXISTS agent_pool_event_seq(pool_id TEXT PRIMARY KEY, seq INTEGER)");
}

void raw_file::insert(const std::string& pool, int seq, const std::string& kind,
                      const std::string& payload_json) {
  run("INSERT INTO agent_pool_records(pool_id, seq, kind, payload_json) VALUES(" + quoted(pool) +
      ", " + std::to_string(seq) + ", " + quoted(kind) + ", " + quoted(payload_json) + ")");
}

}  // namespace agentpool::stores
