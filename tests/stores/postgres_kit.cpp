#include "postgres_kit.hpp"

#include "backends.hpp"
#include "environment.hpp"

namespace agentpool::stores {

support::postgres_server& shared_postgres() {
  static support::postgres_server server;
  return server;
}

bool has_postgres() {
  static const bool found = support::postgres_programs().has_value();
  if (!found) support::skip_part(support::postgres_missing);
  return found;
}

fresh_schema::fresh_schema() : conninfo_{shared_postgres().conninfo()} {
  static int made = 0;
  name_ = "pools_" + std::to_string(++made);
}

core::outcome<std::unique_ptr<core::store_backend>> fresh_schema::try_open(
    postgres_options options) const {
  options.schema = name_;
  return open_postgres(conninfo_, clock_, options);
}

std::unique_ptr<core::store_backend> fresh_schema::open(postgres_options options) const {
  return value_of(try_open(std::move(options)));
}

}  // namespace agentpool::stores
