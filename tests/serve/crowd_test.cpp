// As many waits and event streams as one server holds: none is forgotten, and what they cost is
// stated (docs/performance.md, Over HTTP).
#include <sys/resource.h>

#include <fstream>

#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

constexpr std::size_t wait_count = 10'000;
constexpr std::size_t stream_count = 2'000;
/// For each connection that waits: what is stated, and half of it to spare.
constexpr std::size_t bytes_each_max = 9'000;

/// Whether this process and the server may each have a descriptor for every connection.
bool descriptors_are_enough() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max >= wait_count + stream_count + 200;
}

/// What is resident of the process, in bytes.
std::size_t resident(pid_t process) {
  std::ifstream file{"/proc/" + std::to_string(process) + "/status"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind("VmRSS:", 0) == 0) return std::stoul(line.substr(6)) * 1024;
  throw std::runtime_error{"no VmRSS"};
}

constexpr bool sanitized =
#if defined(__SANITIZE_ADDRESS__)
    true;
#else
    false;
#endif

struct crowd {
  support::temporary_directory folder;
  served server = served::on(folder.file("store.sqlite"), {"--rate", "1000000"});
  fields as_a, as_b;
  std::vector<http_client> waits;
  std::vector<http_client> streams;

  crowd() {
    server.open_pool();
    as_a = {{"Agentpool-Session-Token", server.join("run.a")}};
    as_b = {{"Agentpool-Session-Token", server.join("run.b")}};
  }

  void open() {
    waits.reserve(wait_count);
    streams.reserve(stream_count);
    const http_ask wait{"GET", "/pools/pool.a/members/run.b/inbox?wait_millis=600000", as_b};
    for (std::size_t i = 0; i < wait_count; ++i)
      waits.push_back(server.client()), waits.back().send(wait);
    const http_ask stream{"GET", "/pools/pool.a/events?kind=run_message_delivered", sse};
    for (std::size_t i = 0; i < stream_count; ++i) {
      streams.push_back(server.client());
      if (streams.back().open_stream(stream).status != 200)
        throw std::runtime_error{"a stream was refused"};
    }
  }
};

}  // namespace

TEST_CASE("10,000 requests wait and 2,000 streams stand open, and one message reaches them all") {
  if (!descriptors_are_enough()) return support::skip("too few descriptors: ulimit -Hn");
  crowd all;
  const auto before = resident(all.server.process().id());
  all.open();
  all.server.until("waiting", wait_count);
  all.server.until("streams", stream_count);
  const auto held = resident(all.server.process().id());
  INFO("resident before " << before << ", with all of them " << held);
  if (!sanitized) CHECK((held - before) / (wait_count + stream_count) < bytes_each_max);
  // Others are served meanwhile.
  CHECK(all.server.get("/pools/pool.a/members")["total"] == 2);
  all.server.result("send", {{"pool_id", "pool.a"}, {"message", message("1", "run.a", "run.b")}},
                    all.as_a);
  std::size_t answered = 0;
  for (auto& each : all.waits) {
    const auto answer = each.answer();
    if (answer.status == 200 && answer.parsed()["entries"].size() == 1) ++answered;
  }
  CHECK(answered == wait_count);
  std::size_t told = 0;
  for (auto& each : all.streams)
    if (const auto event = each.event();
        event && event->data.find("message.1") != std::string::npos)
      ++told;
  CHECK(told == stream_count);
  all.streams.clear();
  all.waits.clear();
  all.server.until("streams", 0);
  CHECK(all.server.holds("waiting", 0));
  CHECK(all.server.end().exit_code == 0);
}
