// The world's own subscribers, which want everything.
#include <algorithm>

#include "universe.hpp"

namespace agentpool::sim {

namespace {

constexpr std::chrono::milliseconds pause{50};
constexpr std::size_t frames_a_pull = 16;

core::event_filter everything() {
  core::event_filter filter;
  filter.queue.capacity = 100'000;
  return filter;
}

}  // namespace

void universe::read(const core::pool_id& pool) {
  if (!options_.readers) return;
  for (std::size_t engine = 0; engine < engines(); ++engine) {
    auto made = std::make_unique<kept_reader>();
    made->pool = pool;
    made->engine = engine;
    readers_.push_back(std::move(made));
    subscribe(*readers_.back());
  }
}

/// Goes on after the last frame it got.
void universe::subscribe(kept_reader& reader) {
  auto& place = *sites_[reader.engine];
  if (!place.engine || reader.stopped) return;
  place.engine->pool(reader.pool)
      .subscribe(everything(), reader.cursor, [this, &reader, who = place.life->who()](auto made) {
        if (!is_life(who)) return;
        if (!made && is_before_horizon(reader)) {
          reader.cursor.reset();
          tell([&](observer& each) { each.on_reading_anew(reader.engine, reader.pool); });
        }
        if (!made)
          return at(now_ + pause, [this, &reader, who] {
            if (is_life(who)) subscribe(reader);
          });
        reader.stream = *made;
        pull(reader, who);
      });
}

bool universe::is_before_horizon(const kept_reader& reader) const {
  if (!reader.cursor) return false;
  for (std::size_t engine = has_network() ? engines() : 0; engine < sites(); ++engine)
    if (const auto& all = forgot(engine, reader.pool); !all.empty())
      return reader.cursor->event_seq < all.back().event_seq;
  return false;
}

void universe::pull(kept_reader& reader, const engine_life& who) {
  auto stream = *reader.stream;
  stream.pull(frames_a_pull, [this, &reader, who](auto frames) {
    if (!is_life(who) || reader.stopped) return;
    if (!frames) {
      reader.stream.reset();
      return at(now_ + pause, [this, &reader, who] {
        if (is_life(who)) subscribe(reader);
      });
    }
    reader.cursor = frames->back().cursor;
    tell([&](observer& each) { each.on_frames(reader.engine, reader.pool, *frames); });
    pull(reader, who);
  });
}

void universe::stop_reading(std::size_t engine) {
  note("reading_stopped", "\"engine\":" + std::to_string(engine));
  for (auto& reader : readers_)
    if (reader->engine == engine) reader->stopped = true;
}

bool universe::reads(std::size_t engine, const core::pool_id& pool) const {
  return std::any_of(readers_.begin(), readers_.end(), [&](const auto& each) {
    return each->engine == engine && each->pool == pool && each->stream && !each->stopped;
  });
}

}  // namespace agentpool::sim
