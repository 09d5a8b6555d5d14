#include <hiredis/hiredis.h>

#include <memory>

#include "agentpool/core/json.hpp"
#include "sides.hpp"
#include "tools/bench_kit.hpp"

namespace agentpool::bench {

namespace {

/// Answers the entry's id, the same one when the key comes again.
constexpr const char* script =
    "local known = redis.call('GET', KEYS[2]) if known then return known end "
    "local id = redis.call('XADD', KEYS[1], '*', 'message', ARGV[1]) "
    "redis.call('SET', KEYS[2], id) return id";

struct closing {
  void operator()(redisContext* connection) const { redisFree(connection); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using connection_ptr = std::unique_ptr<redisContext, closing>;
using reply_ptr = std::unique_ptr<redisReply, closing>;

core::agent_error refused(const std::string& why) {
  return core::store_unavailable("redis: " + why);
}

/// The hash by which the script is called; empty when the server does not take it.
std::string load_script(redisContext* connection) {
  const reply_ptr reply{
      static_cast<redisReply*>(redisCommand(connection, "SCRIPT LOAD %s", script))};
  return reply && reply->type == REDIS_REPLY_STRING ? std::string{reply->str, reply->len} : "";
}

void call(redisContext* connection, const std::string& hash, std::uint64_t number) {
  const auto message = tools::bench_message(number);
  const auto& key = message.idempotency_key.text();
  const auto json = core::to_json(message);
  redisAppendCommand(connection, "EVALSHA %s 2 messages %b %b", hash.c_str(), key.data(),
                     key.size(), json.data(), json.size());
}

/// Takes the next answer, which has to be an entry's id.
core::outcome<void> take(redisContext* connection) {
  void* raw = nullptr;
  if (redisGetReply(connection, &raw) != REDIS_OK) return refused(connection->errstr);
  const reply_ptr reply{static_cast<redisReply*>(raw)};
  if (reply->type != REDIS_REPLY_STRING)
    return refused(reply->str == nullptr ? "no entry's id" : reply->str);
  return {};
}

}  // namespace

core::outcome<double> redis_sends(const std::string& socket, const server_load& load) {
  const connection_ptr connection{redisConnectUnix(socket.c_str())};
  if (!connection || connection->err != 0) return refused("cannot connect to " + socket);
  const auto hash = load_script(connection.get());
  if (hash.empty()) return refused("the script was not taken");
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  for (; asked == 0 || std::chrono::steady_clock::now() < start + load.time; ++asked) {
    if (asked - answered == load.in_flight) {
      if (auto taken = take(connection.get()); !taken) return taken.error();
      ++answered;
    }
    call(connection.get(), hash, load.first + asked);
  }
  for (; answered < asked; ++answered)
    if (auto taken = take(connection.get()); !taken) return taken.error();
  return tools::rate_since(start, asked);
}

}  // namespace agentpool::bench
