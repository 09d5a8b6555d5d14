#include <filesystem>

#include "sides.hpp"
#include "tools/bench_kit.hpp"

namespace agentpool::bench {

core::outcome<double> engine_sends(const std::string& file, const server_load& load) {
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file + end);
  const auto bench = tools::bench_engine::on("sqlite:" + file);
  if (!bench) return bench.error();
  const auto pool = (*bench)->open_pool();
  if (!pool) return pool.error();
  tools::ask_window window{load.in_flight};
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t count = 0;
  for (; count == 0 || std::chrono::steady_clock::now() < start + load.time; ++count)
    window.ask(*pool, core::send_message{tools::bench_message(load.first + count)});
  window.drain();
  if (window.fault()) return *window.fault();
  return tools::rate_since(start, count);
}

}  // namespace agentpool::bench
