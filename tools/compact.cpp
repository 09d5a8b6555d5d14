#include "compact.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <vector>

#include "agentpool/core/json_fields.hpp"
#include "compaction.hpp"
#include "real_clock.hpp"
#include "store_url.hpp"

namespace agentpool::tools {

namespace {

/// What `compact --json` prints.
struct compact_report {
  std::vector<shortened_log> pools;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pools", self.pools, core::presence::always);
  }
};

/// A new file of lines; durable once `finish` returned.
class archive_file {
 public:
  ~archive_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  archive_file() = default;
  archive_file(const archive_file&) = delete;
  archive_file& operator=(const archive_file&) = delete;

  core::outcome<void> make(const std::string& path) {
    path_ = path;
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return descriptor_ >= 0 ? core::outcome<void>{} : failed("made");
  }
  core::outcome<void> add(const std::string& line) {
    waiting_.append(line) += '\n';
    return waiting_.size() < buffer_bytes ? core::outcome<void>{} : flush();
  }
  core::outcome<void> finish() {
    if (auto done = flush(); !done) return done;
    return ::fsync(descriptor_) == 0 ? core::outcome<void>{} : failed("written");
  }

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{1} << 20U;

  core::outcome<void> flush() {
    for (std::size_t done = 0; done < waiting_.size();) {
      const auto many = ::write(descriptor_, waiting_.data() + done, waiting_.size() - done);
      if (many < 0 && errno == EINTR) continue;
      if (many < 0) return failed("written");
      done += static_cast<std::size_t>(many);
    }
    waiting_.clear();
    return {};
  }
  core::outcome<void> failed(const char* what) const {
    return core::store_unavailable("the archive " + path_ + " cannot be " + what + ": " +
                                   std::strerror(errno));
  }

  std::string path_;
  int descriptor_ = -1;
  std::string waiting_;
};

core::outcome<std::vector<core::pool_id>> chosen(core::store_backend& store,
                                                 const compact_request& request) {
  auto pools = store.list_pools();
  if (!pools || !request.pool) return pools;
  if (auto fault = core::identifier_fault(*request.pool); !fault.empty())
    return core::contract_violation("--pool " + fault);
  const core::pool_id wanted{*request.pool};
  if (std::find(pools->begin(), pools->end(), wanted) == pools->end())
    return core::host_configuration_needed("no such pool in this store: " + *request.pool);
  return std::vector{wanted};
}

void print(const shortened_log& done) {
  std::cout << "pool " << done.pool_id.text() << ": " << done.removed
            << " entries removed, the log begins after sequence " << done.begins.sequence;
  if (done.still_needed > 0)
    std::cout << ", " << done.still_needed << " older records still needed";
  std::cout << '\n';
}

}  // namespace

core::outcome<void> compact(const compact_request& request) {
  const real_clock clock;
  if (!request.keep_records && !request.keep_days)
    return core::host_configuration_needed("say --keep-records, --keep-days or both");
  if (store_file(request.store).empty() && !store_conninfo(request.store))
    return core::host_configuration_needed(
        "only a store that lasts can be compacted: sqlite:PATH, postgres:CONNINFO");
  auto store = open_store(request.store, clock, store_use::alone);
  if (!store) return store.error();
  const auto pools = chosen(**store, request);
  if (!pools) return pools.error();
  old_entries old{request.keep_records, std::nullopt};
  if (request.keep_days) old.before = clock.now() - std::chrono::hours{24 * *request.keep_days};
  archive_file archive;
  if (!request.archive.empty())
    if (auto made = archive.make(request.archive); !made) return made;
  compact_report report;
  for (const auto& pool : *pools) {
    const entry_archive to{
        [&](const core::log_entry& entry) { return archive.add(archive_line(pool, entry)); },
        [&] { return archive.finish(); }};
    auto done = shorten(**store, pool, old, request.archive.empty() ? nullptr : &to);
    if (!done) return done.error();
    if (!request.json) print(*done);
    report.pools.push_back(std::move(*done));
  }
  if (request.json) std::cout << core::written(report) << '\n';
  return {};
}

}  // namespace agentpool::tools
