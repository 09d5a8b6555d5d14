#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "agentpool/core/outcome.hpp"
#include "agentpool/messages/error.hpp"

/// Requests inside one process: they carry the way back with them, so that any thread can ask and
/// nobody keeps a table of open requests.
namespace agentpool::messages {

/// Where an answer goes. Answers exactly once: what is dropped unanswered answers `closed`.
template <class T>
class reply {
 public:
  using taker = std::function<void(core::outcome<T>)>;

  reply() = default;
  explicit reply(taker take) : take_{std::move(take)} {}
  reply(reply&& other) noexcept : take_{std::exchange(other.take_, nullptr)} {}
  reply& operator=(reply&& other) noexcept {
    std::swap(take_, other.take_);
    return *this;
  }
  ~reply() { give(closed()); }

  /// Has `first` called right before the answer goes on its way.
  template <class First>
  void before(First first) {
    take_ = [first = std::move(first), take = std::move(take_)](core::outcome<T> what) {
      first();
      take(std::move(what));
    };
  }

  /// Has `look` called with the answer right before it goes on its way.
  template <class Look>
  void watch(Look look) {
    take_ = [look = std::move(look), take = std::move(take_)](core::outcome<T> what) {
      look(std::as_const(what));
      take(std::move(what));
    };
  }

  /// Nothing when it has answered already.
  void give(core::outcome<T> what) {
    if (auto take = std::exchange(take_, nullptr)) take(std::move(what));
  }

 private:
  taker take_;
};

/// One request. `wait` is how long it may stay without a result that it waits for.
template <class Ask, class Answer>
struct call {
  Ask ask;
  std::chrono::milliseconds wait{0};
  reply<Answer> back;
};

}  // namespace agentpool::messages
