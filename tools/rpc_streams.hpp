#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "agentpool/actors/pool_handle.hpp"
#include "rpc_output.hpp"

namespace agentpool::tools {

/// One subscription or watch of a client: pulls frames or records and writes them as
/// notifications, as long as the client reads.
class rpc_stream {
 public:
  virtual ~rpc_stream() = default;
  /// Goes on pulling if it held back because the output was full.
  virtual void resume() = 0;
  /// Ends it; what was published but not told yet is told only when `told_to_the_end`. Calls
  /// `then` once it is over.
  virtual void end(bool told_to_the_end, std::function<void()> then) = 0;
};

/// The streams of one client, by subscription id. Safe to use from any thread.
class rpc_streams {
 public:
  explicit rpc_streams(rpc_output& output) : output_{output} {}

  /// Adds a stream and gives it its id; nothing is pulled before `resume_all` or `resume`.
  std::string add(const actors::pool_handle& pool, core::event_filter filter,
                  std::optional<core::event_cursor> cursor, actors::subscription stream);
  std::string add(const actors::pool_handle& pool, core::store_cursor cursor,
                  actors::record_stream stream);

  void resume(const std::string& id);
  void resume_all();

  /// Ends one; false when there is none of that id.
  bool end(const std::string& id, std::function<void()> then);

  /// Ends all after they told what was published so far; calls `each` once a stream. Returns how
  /// many there were.
  std::size_t end_all(const std::function<void()>& each);

 private:
  [[nodiscard]] std::map<std::string, std::shared_ptr<rpc_stream>> taken();

  rpc_output& output_;
  std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<std::string, std::shared_ptr<rpc_stream>> streams_;
};

}  // namespace agentpool::tools
