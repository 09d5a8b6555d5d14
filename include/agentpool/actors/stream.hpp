#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_records.hpp"

/// What comes one after the other, read at the reader's own speed.
namespace agentpool::actors {

template <class T>
class stream_source;

/// Reads a stream of items, history first and then live, without gap or repeat. Copies read the
/// same stream. Safe to use from any thread; the last copy to go closes it. An item is asked for
/// before it comes, so a reader that is slow, or gone, holds up nobody.
template <class T>
class stream {
 public:
  using taker = std::function<void(core::outcome<std::vector<T>>)>;

  explicit stream(std::shared_ptr<stream_source<T>> source);

  /// The next item; none when there was none within `timeout`. An error ends the stream: it was
  /// closed, its queue overflowed under `fail_subscriber`, or the store failed.
  [[nodiscard]] core::outcome<std::optional<T>> next(std::chrono::milliseconds timeout);

  /// Calls `take` once, with at least one and at most `items_max` items as soon as there are any,
  /// or with the error that ended the stream. `take` runs on a thread of the engine and must not
  /// block. One pull at a time, and not together with `next`.
  void pull(std::size_t items_max, taker take);

  /// Ends the stream; a pull that waits gets an error. Closing twice does nothing.
  void close();

 private:
  std::shared_ptr<stream_source<T>> source_;
};

/// The events of a pool that a filter allows.
using subscription = stream<core::event_frame>;
/// The store records of a pool.
using record_stream = stream<core::store_record>;

extern template class stream<core::event_frame>;
extern template class stream<core::store_record>;

}  // namespace agentpool::actors
