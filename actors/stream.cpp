#include "agentpool/actors/stream.hpp"

#include <utility>

#include "actors/stream_source.hpp"
#include "agentpool/messages/journal.hpp"

namespace agentpool::actors {

namespace {

/// How items of one kind are asked for, and found in the answer.
template <class T>
struct kind;

template <>
struct kind<core::event_frame> {
  using question = messages::next_frames;
  static std::vector<core::event_frame> items(messages::journal_answer answer) {
    return std::get<messages::frame_page>(std::move(answer)).frames;
  }
};

template <>
struct kind<core::store_record> {
  using question = messages::next_records;
  static std::vector<core::store_record> items(messages::journal_answer answer) {
    return std::get<messages::record_page>(std::move(answer)).records;
  }
};

}  // namespace

template <class T>
stream_source<T>::stream_source(std::shared_ptr<pool_port> port, std::uint64_t number)
    : port_{std::move(port)}, number_{number} {}

template <class T>
stream_source<T>::~stream_source() {
  close();
}

template <class T>
void stream_source<T>::close() {
  port_->close_stream(number_);
}

template <class T>
void stream_source<T>::ask(std::size_t items_max, taker take) {
  if (inbox_->waits.exchange(true))
    return take(core::contract_violation("one request a stream at a time: wait for its answer"));
  port_->ask_journal(
      typename kind<T>::question{number_, items_max},
      [box = inbox_, take = std::move(take)](core::outcome<messages::journal_answer> answer) {
        box->waits = false;
        if (!answer) return take(answer.error());
        take(kind<T>::items(std::move(*answer)));
      });
}

template <class T>
void stream_source<T>::pull(std::size_t items_max, taker take) {
  std::vector<T> kept;
  {
    const std::lock_guard guard{inbox_->lock};
    while (!inbox_->items.empty() && kept.size() < items_max) {
      kept.push_back(std::move(inbox_->items.front()));
      inbox_->items.pop_front();
    }
  }
  if (!kept.empty()) return take(std::move(kept));
  ask(items_max, std::move(take));
}

// What is asked for and comes after the timeout is kept for the next call.
template <class T>
core::outcome<std::optional<T>> stream_source<T>::next(std::chrono::milliseconds timeout) {
  std::unique_lock guard{inbox_->lock};
  if (inbox_->items.empty() && !inbox_->ended && !std::exchange(inbox_->asked, true)) {
    guard.unlock();
    ask(1, [box = inbox_](core::outcome<std::vector<T>> came) {
      {
        const std::lock_guard inner{box->lock};
        box->asked = false;
        if (!came) box->ended = came.error();
        if (came)
          for (auto& item : *came) box->items.push_back(std::move(item));
      }
      box->came.notify_all();
    });
    guard.lock();
  }
  inbox_->came.wait_for(guard, timeout, [this] { return !inbox_->items.empty() || inbox_->ended; });
  if (!inbox_->items.empty()) {
    auto item = std::move(inbox_->items.front());
    inbox_->items.pop_front();
    return std::optional<T>{std::move(item)};
  }
  if (inbox_->ended) return *inbox_->ended;
  return std::optional<T>{};
}

template <class T>
stream<T>::stream(std::shared_ptr<stream_source<T>> source) : source_{std::move(source)} {}

template <class T>
core::outcome<std::optional<T>> stream<T>::next(std::chrono::milliseconds timeout) {
  return source_->next(timeout);
}

template <class T>
void stream<T>::pull(std::size_t items_max, taker take) {
  source_->pull(items_max, std::move(take));
}

template <class T>
void stream<T>::close() {
  source_->close();
}

template class stream_source<core::event_frame>;
template class stream_source<core::store_record>;
template class stream<core::event_frame>;
template class stream<core::store_record>;

}  // namespace agentpool::actors
