#include "backends.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "agentpool/stores/sqlite.hpp"
#include "postgres_kit.hpp"

namespace agentpool::stores {

std::ostream& operator<<(std::ostream& out, backend which) {
  switch (which) {
    case backend::memory: return out << "memory";
    case backend::sqlite: return out << "sqlite";
    case backend::postgres: return out << "postgres";
    case backend::postgres_with_two_connections: return out << "postgres with two connections";
    case backend::memory_with_two_handles: return out << "memory with two handles";
    case backend::sqlite_with_two_connections: return out << "sqlite with two connections";
  }
  return out;
}

std::vector<backend> every_backend() {
  std::vector<backend> all{backend::memory, backend::sqlite};
  if (has_postgres()) all.push_back(backend::postgres);
  for (const auto two : backends_with_two()) all.push_back(two);
  return all;
}

std::vector<backend> backends_with_two() {
  std::vector<backend> all{backend::memory_with_two_handles, backend::sqlite_with_two_connections};
  if (has_postgres()) all.push_back(backend::postgres_with_two_connections);
  return all;
}

void fresh_store::open_postgres_handles(bool two, core::content_limits contents) {
  const fresh_schema schema;
  const auto& server = shared_postgres().conninfo();
  const postgres_options options{.schema = schema.name(), .contents = contents};
  if (two) other_ = value_of(open_postgres(server, clock_, options));
  one_ = value_of(open_postgres(server, clock_, options));
}

fresh_store::fresh_store(backend which, core::content_limits contents) {
  const std::string file = folder_.file("pools.sqlite");
  const sqlite_options options{.contents = contents};
  switch (which) {
    case backend::memory:
      one_ = std::make_unique<memory_store>(std::make_shared<memory_log>(contents));
      return;
    case backend::memory_with_two_handles: {
      const auto log = std::make_shared<memory_log>(contents);
      one_ = std::make_unique<memory_store>(log);
      other_ = std::make_unique<memory_store>(log);
      return;
    }
    case backend::postgres: open_postgres_handles(false, contents); return;
    case backend::postgres_with_two_connections: open_postgres_handles(true, contents); return;
    case backend::sqlite_with_two_connections:
      other_ = value_of(open_sqlite(file, clock_, options));
      break;
    case backend::sqlite: break;
  }
  one_ = value_of(open_sqlite(file, clock_, options));
}

core::log_position append(core::store_backend& store, const core::append_request& request) {
  const auto results = value_of(store.append({&request, 1}));
  if (results.at(0).what != core::append_result::kind::appended)
    throw std::runtime_error{"the request did not fit"};
  return results[0].head;
}

std::vector<core::entry_ptr> whole_log(core::store_backend& store, const core::pool_id& pool,
                                       std::size_t entries_max) {
  std::vector<core::entry_ptr> entries;
  core::log_position at;
  while (true) {
    auto page = value_of(store.read(pool, at, entries_max));
    if (page.entries.empty()) return entries;
    if (page.entries.size() > entries_max) throw std::runtime_error{"a page is too long"};
    entries.insert(entries.end(), page.entries.begin(), page.entries.end());
    at = page.next;
  }
}

core::ack_page all_acks(core::store_backend& store, const core::pool_id& pool, std::uint64_t mark,
                        std::size_t acks_max) {
  core::ack_page all{{}, mark};
  while (true) {
    auto page = value_of(store.read_acks(pool, all.mark, acks_max));
    if (page.acks.empty()) return all;
    if (page.acks.size() > acks_max) throw std::runtime_error{"a page is too long"};
    all.acks.insert(all.acks.end(), page.acks.begin(), page.acks.end());
    all.mark = page.mark;
  }
}

std::vector<core::pool_id> awaited_changes(core::store_backend& store, std::size_t pools) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  std::set<core::pool_id> told;
  while (told.size() < pools && std::chrono::steady_clock::now() < end) {
    for (auto& pool : value_of(store.changed_pools())) told.insert(std::move(pool));
    std::this_thread::yield();
  }
  return {told.begin(), told.end()};
}

bool same_entries(const std::vector<core::entry_ptr>& a, const std::vector<core::entry_ptr>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return *x == *y; });
}

}  // namespace agentpool::stores
