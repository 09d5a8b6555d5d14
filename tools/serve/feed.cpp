#include "feed.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "agentpool/core/json_tree.hpp"
#include "cloud_event.hpp"

namespace agentpool::tools {

namespace {

/// Items of one pull: few at first, then as many as their size allows.
constexpr std::size_t first_pull = 4;
constexpr std::size_t pull_max = 64;
/// A write takes no further item once it has so many bytes.
constexpr std::size_t piece_bytes = 256U << 10;
/// A pull of so few bytes may be larger the next time; one of more than a piece is a large one.
constexpr std::size_t small_pull_bytes = piece_bytes / 4;

http_response event_stream_head() {
  return {200,
          "text/event-stream",
          ": connected\n\n",
          {{"Cache-Control", "no-cache, no-transform"}, {"X-Accel-Buffering", "no"}}};
}

/// What differs between events and records.
struct event_side {
  using item = core::event_frame;
  actors::pool_handle pool;
  core::event_filter filter;
  std::optional<core::event_cursor> last;

  void open(actors::callback<actors::subscription> then) const {
    pool.subscribe(filter, last, std::move(then));
  }
  /// False when something before it was left out: then it is read again.
  bool take(const item& frame, std::string& out) {
    if (frame.overflow) return false;
    out += sse_message(place_of(frame), {}, cloud_event(pool.id(), frame));
    last = frame.cursor;
    return true;
  }
};

struct record_side {
  using item = core::store_record;
  actors::pool_handle pool;
  core::store_cursor last;

  void open(actors::callback<actors::record_stream> then) const {
    pool.watch(last, std::move(then));
  }
  bool take(const item& record, std::string& out) {
    out += sse_message(std::to_string(record.cursor.sequence), {}, cloud_event(record));
    last = record.cursor;
    return true;
  }
};

/// Pulls what comes and writes it, one after the other: a reader that takes nothing has nothing
/// pulled for it. Lives by what it waits for.
template <class Side>
class feed : public std::enable_shared_from_this<feed<Side>> {
 public:
  using item = typename Side::item;

  feed(Side side, std::shared_ptr<http_exchange> exchange, room_taken room)
      : side_{std::move(side)}, exchange_{std::move(exchange)}, room_{std::move(room)} {}

  void start(front& at) {
    exchange_->when_gone([weak = this->weak_from_this()] {
      if (const auto self = weak.lock()) self->stop();
    });
    ending_ = at.when_ending([weak = this->weak_from_this()] {
      if (const auto self = weak.lock())
        self->finish("the server is about to end: go on from the last id");
    });
    open();
  }

 private:
  void open() {
    side_.open([self = this->shared_from_this()](core::outcome<actors::stream<item>> stream) {
      if (!stream) return self->failed(stream.error());
      {
        const std::lock_guard guard{self->mutex_};
        if (self->over_) return stream->close();
        self->stream_.emplace(std::move(*stream));
        if (!self->out_) self->out_ = self->exchange_->open(event_stream_head(), ": \n\n");
      }
      self->pull();
    });
  }

  void pull() {
    std::optional<actors::stream<item>> stream;
    {
      const std::lock_guard guard{mutex_};
      if (over_) return;
      stream = stream_;
    }
    written_ = 0;
    stream->pull(wanted_,
                 [self = this->shared_from_this()](auto items) { self->take(std::move(items)); });
  }

  void take(core::outcome<std::vector<item>> items) {
    if (!items) return failed(items.error());
    pulled_.assign(std::make_move_iterator(items->begin()), std::make_move_iterator(items->end()));
    write_on();
  }

  /// Writes the next piece of what was pulled.
  void write_on() {
    std::string out;
    bool whole = true;
    while (whole && !pulled_.empty() && out.size() < piece_bytes) {
      whole = side_.take(pulled_.front(), out);
      pulled_.pop_front();
    }
    if (!whole) pulled_.clear();
    if (out.empty()) return whole ? pull() : again();
    written_ += out.size();
    std::shared_ptr<http_stream> to;
    {
      const std::lock_guard guard{mutex_};
      if (over_) return;
      to = out_;
    }
    to->write(std::move(out), [self = this->shared_from_this(), whole](bool taken) {
      if (!taken) {
        self->stop();
      } else if (!whole) {
        self->again();
      } else if (!self->pulled_.empty()) {
        self->write_on();
      } else {
        self->adapt();
        self->pull();
      }
    });
  }

  /// Many large items would wait together in memory for a reader that takes nothing.
  void adapt() {
    if (written_ > piece_bytes) wanted_ = 1;
    if (written_ <= small_pull_bytes) wanted_ = std::min(wanted_ * 2, pull_max);
  }

  /// The queue of a slow reader overflowed: what it lost is read from the log.
  void again() {
    {
      const std::lock_guard guard{mutex_};
      if (over_) return;
      stream_->close();
    }
    open();
  }

  void failed(const core::agent_error& why) {
    {
      const std::lock_guard guard{mutex_};
      if (over_) return;
      if (!out_) {
        over_ = true;
        exchange_->answer(error_response(why));
        return;
      }
    }
    finish(why.message);
  }

  /// Says why it ends.
  void finish(std::string_view why) {
    std::shared_ptr<http_stream> to = stop();
    if (!to) return;
    std::string data = "{\"reason\":";
    core::write_json_string(data, why);
    to->end(sse_message({}, "end", data + '}'));
  }

  std::shared_ptr<http_stream> stop() {
    const std::lock_guard guard{mutex_};
    if (over_) return nullptr;
    over_ = true;
    if (stream_) stream_->close();
    return std::exchange(out_, nullptr);
  }

  // Used by one step at a time:
  Side side_;
  std::deque<item> pulled_;          ///< Not written yet.
  std::size_t written_ = 0;          ///< Bytes of this pull so far.
  std::size_t wanted_ = first_pull;  ///< Items of the next one.

  const std::shared_ptr<http_exchange> exchange_;
  const room_taken room_;
  std::shared_ptr<void> ending_;
  std::mutex mutex_;
  std::optional<actors::stream<item>> stream_;
  std::shared_ptr<http_stream> out_;
  bool over_ = false;
};

template <class Side>
void start_feed(front& at, const std::shared_ptr<http_exchange>& exchange, Side side) {
  auto room = at.stream_room();
  if (!room)
    return exchange->answer(
        error_response(core::overloaded("too many streams are open: repeat later")));
  std::make_shared<feed<Side>>(std::move(side), exchange, std::move(room))->start(at);
}

}  // namespace

std::string sse_message(std::string_view id, std::string_view event, std::string_view data) {
  std::string out;
  out.reserve(id.size() + event.size() + data.size() + 24);
  if (!event.empty()) out.append("event: ").append(event) += '\n';
  if (!id.empty()) out.append("id: ").append(id) += '\n';
  out.append("data: ").append(data).append("\n\n");
  return out;
}

void feed_events(front& at, const std::shared_ptr<http_exchange>& exchange,
                 const actors::pool_handle& pool, core::event_filter filter,
                 std::optional<core::event_cursor> cursor) {
  start_feed(at, exchange, event_side{pool, std::move(filter), std::move(cursor)});
}

void feed_records(front& at, const std::shared_ptr<http_exchange>& exchange,
                  const actors::pool_handle& pool, core::store_cursor cursor) {
  start_feed(at, exchange, record_side{pool, cursor});
}

}  // namespace agentpool::tools
