#include "store_url.hpp"

#include <filesystem>
#include <string_view>

#include "agentpool/stores/memory.hpp"
#include "agentpool/stores/postgres.hpp"
#include "agentpool/stores/sqlite.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";
constexpr std::string_view postgres_prefix = "postgres:";

/// What is not there is not made by those who only come to look or to shorten.
core::outcome<std::unique_ptr<core::store_backend>> open_server(const std::string& conninfo,
                                                                const core::clock& clock,
                                                                store_use use) {
  stores::postgres_options options;
  if (use != store_use::read_write) {
    options.read_only = true;
    auto looked_at = stores::open_postgres(conninfo, clock, options);
    if (!looked_at || use == store_use::read_only) return looked_at;
  }
  options.read_only = false;
  options.alone = use == store_use::alone;
  return stores::open_postgres(conninfo, clock, options);
}

}  // namespace

std::string store_file(const std::string& name) {
  return name.starts_with(sqlite_prefix) ? name.substr(sqlite_prefix.size()) : std::string{};
}

std::optional<std::string> store_conninfo(const std::string& name) {
  if (name.starts_with("postgresql://") || name.starts_with("postgres://")) return name;
  if (!name.starts_with(postgres_prefix)) return std::nullopt;
  return name.substr(postgres_prefix.size());
}

core::outcome<std::unique_ptr<core::store_backend>> open_store(const std::string& name,
                                                               const core::clock& clock,
                                                               store_use use) {
  if (name == "memory")
    return std::unique_ptr<core::store_backend>{
        std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>())};
  if (const auto conninfo = store_conninfo(name)) return open_server(*conninfo, clock, use);
  const std::string file = store_file(name);
  if (file.empty())
    return core::host_configuration_needed("no store of that name: '" + name + "' is none of " +
                                           store_forms);
  if (use != store_use::read_write && !std::filesystem::exists(file))
    return core::host_configuration_needed("no such store: " + file);
  stores::sqlite_options options;
  options.read_only = use == store_use::read_only;
  options.alone = use == store_use::alone;
  return stores::open_sqlite(file, clock, options);
}

}  // namespace agentpool::tools
