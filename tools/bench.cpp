#include "bench.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <vector>

#include "bench_figures.hpp"
#include "bench_send.hpp"

namespace agentpool::tools {

namespace {

namespace fs = std::filesystem;

std::vector<bench_part> parts_of(const std::string& only) {
  std::vector<bench_part> parts;
  for (const char* store : {"memory", "sqlite"})
    for (const std::size_t in_flight : {1, 64, 1'024})
      for (const std::size_t pools : {1, 8}) {
        const bench_part part{store, in_flight, pools};
        if (part.name().starts_with(only)) parts.push_back(part);
      }
  return parts;
}

/// A folder of its own that goes with what is in it.
class scratch_folder {
 public:
  explicit scratch_folder(const std::string& inside) {
    std::string name = (fs::path{inside} / "agentpool-bench-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  /// Empty when it could not be made.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

core::outcome<void> write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return {};
  std::ofstream file{path, std::ios::trunc};
  file << text << std::flush;
  if (!file) return core::store_unavailable("cannot write " + path);
  return {};
}

core::outcome<std::vector<bench_figures>> measure_all(const std::vector<bench_part>& parts,
                                                      const bench_request& request) {
  const scratch_folder scratch{request.directory};
  if (scratch.path().empty())
    return core::host_configuration_needed("cannot make a folder in " + request.directory);
  const std::chrono::duration<double> time{request.seconds};
  bench_effort effort{request.rounds, std::chrono::duration_cast<std::chrono::nanoseconds>(time),
                      scratch.path()};
  std::vector<bench_figures> all;
  for (const auto& part : parts) {
    auto figures = measure(part, effort, [&](std::size_t round) {
      std::cerr << part.name() << ": round " << round << " of " << request.rounds << '\n';
    });
    if (!figures) {
      auto error = figures.error();
      error.message = part.name() + ": " + error.message;
      return error;
    }
    all.push_back(*figures);
  }
  return all;
}

}  // namespace

core::outcome<void> run_bench(const bench_request& request) {
  const auto parts = parts_of(request.only);
  if (parts.empty())
    return core::host_configuration_needed("no part begins with '" + request.only +
                                           "': see agentpool bench --list");
  if (request.list) {
    for (const auto& part : parts) std::cout << part.name() << '\n';
    return {};
  }
  const auto all = measure_all(parts, request);
  if (!all) return all.error();
  const auto table = bench_markdown(*all);
  std::cout << table << std::flush;
  if (auto written = write_file(request.markdown, table); !written) return written;
  return write_file(request.json, bench_json(*all));
}

}  // namespace agentpool::tools
