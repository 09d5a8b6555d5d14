#include "rpc_streams.hpp"

#include <utility>
#include <vector>

#include "agentpool/core/json.hpp"
#include "rpc_message.hpp"

namespace agentpool::tools {

namespace {

/// Items of one pull.
constexpr std::size_t pull_max = 64;

/// What differs between events and records.
struct event_side {
  using item = core::event_frame;
  static constexpr std::string_view method = "event";
  static constexpr std::string_view name = "frame";

  core::event_filter filter;
  std::optional<core::event_cursor> last;

  void told(const item& frame) { last = frame.cursor; }
  void rest(const actors::pool_handle& pool, actors::callback<std::vector<item>> then) const {
    pool.read_events(filter, last, std::move(then));
  }
};

struct record_side {
  using item = core::store_record;
  static constexpr std::string_view method = "pool_record";
  static constexpr std::string_view name = "record";

  core::store_cursor last;

  void told(const item& record) { last = record.cursor; }
  void rest(const actors::pool_handle& pool, actors::callback<std::vector<item>> then) const {
    pool.records(last, std::move(then));
  }
};

template <class Side>
class stream_of : public rpc_stream, public std::enable_shared_from_this<stream_of<Side>> {
 public:
  using item = typename Side::item;

  stream_of(std::string id, actors::pool_handle pool, Side side, actors::stream<item> stream,
            rpc_output& output)
      : id_{std::move(id)},
        pool_{std::move(pool)},
        side_{std::move(side)},
        stream_{std::move(stream)},
        output_{output} {}

  void resume() override {
    {
      const std::lock_guard lock{mutex_};
      if (pulling_ || ending_ || over_ || !output_.roomy()) return;
      pulling_ = true;
    }
    stream_.pull(pull_max,
                 [self = this->shared_from_this()](auto items) { self->take(std::move(items)); });
  }

  void end(bool told_to_the_end, std::function<void()> then) override {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
      tell_rest_ = told_to_the_end;
      then_ = std::move(then);
    }
    stream_.close();
    finish_if_idle();
  }

 private:
  void take(core::outcome<std::vector<item>> items) {
    {
      const std::lock_guard lock{mutex_};
      if (items && (!ending_ || tell_rest_)) tell(*items);
      if (!items) over_ = true;
      pulling_ = false;
    }
    finish_if_idle();
    resume();
  }

  void tell(const std::vector<item>& items) {
    for (const auto& one : items) {
      output_.write(notification_line(Side::method, id_, Side::name, core::to_json(one)));
      side_.told(one);
    }
  }

  /// Once nothing is pulled any more: tells the rest if asked to, then says that it is over.
  void finish_if_idle() {
    std::function<void()> then;
    bool tell_rest = false;
    {
      const std::lock_guard lock{mutex_};
      if (!ending_ || pulling_ || !then_) return;
      then = std::exchange(then_, {});
      tell_rest = tell_rest_;
    }
    if (!tell_rest) return then();
    side_.rest(pool_, [self = this->shared_from_this(), then](auto items) {
      if (items) self->tell(*items);
      then();
    });
  }

  const std::string id_;
  actors::pool_handle pool_;
  Side side_;
  actors::stream<item> stream_;
  rpc_output& output_;
  std::mutex mutex_;
  bool pulling_ = false;
  bool ending_ = false;
  bool over_ = false;
  bool tell_rest_ = false;
  std::function<void()> then_;
};

}  // namespace

std::string rpc_streams::add(const actors::pool_handle& pool, core::event_filter filter,
                             std::optional<core::event_cursor> cursor,
                             actors::subscription stream) {
  const std::lock_guard lock{mutex_};
  std::string id = "subscription." + std::to_string(++last_id_);
  streams_.emplace(id, std::make_shared<stream_of<event_side>>(
                           id, pool, event_side{std::move(filter), std::move(cursor)},
                           std::move(stream), output_));
  return id;
}

std::string rpc_streams::add(const actors::pool_handle& pool, core::store_cursor cursor,
                             actors::record_stream stream) {
  const std::lock_guard lock{mutex_};
  std::string id = "subscription." + std::to_string(++last_id_);
  streams_.emplace(id, std::make_shared<stream_of<record_side>>(id, pool, record_side{cursor},
                                                                std::move(stream), output_));
  return id;
}

void rpc_streams::resume(const std::string& id) {
  std::shared_ptr<rpc_stream> stream;
  {
    const std::lock_guard lock{mutex_};
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    stream = found->second;
  }
  stream->resume();
}

void rpc_streams::resume_all() {
  std::vector<std::shared_ptr<rpc_stream>> all;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [id, stream] : streams_) all.push_back(stream);
  }
  for (const auto& stream : all) stream->resume();
}

bool rpc_streams::end(const std::string& id, std::function<void()> then) {
  std::shared_ptr<rpc_stream> stream;
  {
    const std::lock_guard lock{mutex_};
    const auto found = streams_.find(id);
    if (found == streams_.end()) return false;
    stream = std::move(found->second);
    streams_.erase(found);
  }
  stream->end(false, std::move(then));
  return true;
}

std::map<std::string, std::shared_ptr<rpc_stream>> rpc_streams::taken() {
  const std::lock_guard lock{mutex_};
  return std::exchange(streams_, {});
}

std::size_t rpc_streams::end_all(const std::function<void()>& each) {
  const auto all = taken();
  for (const auto& [id, stream] : all) stream->end(true, each);
  return all.size();
}

}  // namespace agentpool::tools
