#include "store_url.hpp"

#include <filesystem>
#include <string_view>

#include "agentpool/stores/memory.hpp"
#include "agentpool/stores/sqlite.hpp"

namespace agentpool::tools {

namespace {
constexpr std::string_view sqlite_prefix = "sqlite:";
}

std::string store_file(const std::string& name) {
  return name.starts_with(sqlite_prefix) ? name.substr(sqlite_prefix.size()) : std::string{};
}

core::outcome<std::unique_ptr<core::store_backend>> open_store(const std::string& name,
                                                               const core::clock& clock,
                                                               store_use use) {
  if (name == "memory")
    return std::unique_ptr<core::store_backend>{
        std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>())};
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
