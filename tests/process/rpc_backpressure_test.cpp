#include <sqlite3.h>

#include <stdexcept>
#include <string>

#include "rpc_client.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;
using namespace std::chrono_literals;

namespace {

/// Another program that is writing to the file and does not come to an end.
class writing_other {
 public:
  explicit writing_other(const std::string& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK ||
        sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error{"cannot lock the file"};
  }
  ~writing_other() { sqlite3_close(handle_); }
  writing_other(const writing_other&) = delete;
  writing_other& operator=(const writing_other&) = delete;

 private:
  sqlite3* handle_ = nullptr;
};

json in_pool(json more) {
  more["pool_id"] = "pool.press";
  return more;
}

void fill(rpc_client& client) {
  client.result("open_pool", in_pool(json::object()));
  for (const char* run : {"run.a", "run.b"})
    client.result("join_run", in_pool({{"member", member(run)}}));
}

std::string sends(int first, int last) {
  std::string lines;
  for (int i = first; i < last; ++i)
    lines += json{{"jsonrpc", "2.0"},
                  {"id", 1000 + i},
                  {"method", "send"},
                  {"params", in_pool({{"message", message(std::to_string(i), "run.a", "run.b")}})}}
                 .dump() +
             "\n";
  return lines;
}

}  // namespace

TEST_CASE("a client that never waits is answered everything, few requests at a time") {
  rpc_client client{"memory", {"--under-way", "2"}};
  fill(client);
  CHECK(client.process().write(sends(0, 3'000)));
  client.process().close_input();
  for (int i = 0; i < 3'000; ++i) CHECK(client.answer(1000 + i).contains("result"));
  CHECK(client.process().wait().exit_code == 0);
}

TEST_CASE("while as much is under way as may be, input is not read and the pipe fills") {
  const support::temporary_directory directory;
  const auto file = (directory.path() / "press.db").string();
  rpc_client client{"sqlite:" + file, {"--under-way", "8"}};
  fill(client);
  const writing_other other{file};
  const auto lines = sends(0, 8'000);
  REQUIRE(lines.size() > (1U << 20));  // more than any pipe holds
  CHECK_THROWS(client.process().write(lines, 1s));
}

TEST_CASE("an --under-way of 0, or more than an engine takes, is wrong usage") {
  for (const char* value : {"0", "16385", "many"}) {
    const auto end = support::run_to_end(
        {support::program().string(), {"rpc", "--store", "memory", "--under-way", value}});
    CHECK(end.exit_code == 2);
  }
}
