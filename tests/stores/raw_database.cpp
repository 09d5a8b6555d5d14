#include "raw_database.hpp"

#include <libpq-fe.h>

#include <memory>
#include <stdexcept>

namespace agentpool::stores {

namespace {

std::string first_value(PGconn* connection, PGresult* owned) {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result{owned, PQclear};
  const auto status = PQresultStatus(owned);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error{PQerrorMessage(connection)};
  if (PQntuples(owned) == 0) return "none";
  return PQgetisnull(owned, 0, 0) == 1 ? "NULL" : PQgetvalue(owned, 0, 0);
}

}  // namespace

raw_database::raw_database(const std::string& conninfo, const std::string& schema) {
  handle_ = PQconnectdb(conninfo.c_str());
  if (PQstatus(handle_) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(handle_)};
  run("SET client_min_messages = error");
  run("SET search_path = " + schema);
}

raw_database::~raw_database() { PQfinish(handle_); }

void raw_database::run(const std::string& sql) { static_cast<void>(value(sql)); }

std::string raw_database::value(const std::string& sql) {
  return first_value(handle_, PQexec(handle_, sql.c_str()));
}

void raw_database::insert(const std::string& pool, int seq, const std::string& kind,
                          const std::string& payload_json) {
  const std::string number = std::to_string(seq);
  const char* values[] = {pool.c_str(), number.c_str(), kind.c_str(), payload_json.c_str()};
  first_value(handle_, PQexecParams(handle_,
                                    "INSERT INTO agent_pool_records(pool_id, seq, kind,"
                                    " payload_json) VALUES($1, $2, $3, $4)",
                                    4, nullptr, values, nullptr, nullptr, 0));
}

}  // namespace agentpool::stores
