#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/subscriber_queue.hpp"
#include "catch.hpp"
#include "support/frames.hpp"
#include "support/generators.hpp"

namespace core = agentpool::core;
using policy = core::subscriber_overflow_policy;

namespace {

/// What a queue should do, said as simply as possible: a list of "letter and number".
class naive_queue {
 public:
  explicit naive_queue(const core::queue_config& config)
      : capacity_{config.capacity},
        others_max_{std::max<std::uint64_t>(
            1, config.capacity - std::min(config.terminal_reserve, config.capacity))},
        policy_{config.overflow} {}

  void push(const std::string& frame) {
    if (failed_ || (!fits(frame) && !make_room(frame)))
      dropped_.push_back(frame);
    else
      kept_.push_back(frame);
  }

  std::string take() {
    std::string first = kept_.front();
    kept_.erase(kept_.begin());
    return first;
  }

  /// What was dropped since the last call, in the order in which it was pushed.
  std::vector<std::string> losses() {
    auto lost = std::exchange(dropped_, {});
    std::sort(lost.begin(), lost.end(), [](const auto& a, const auto& b) {
      return std::stoull(a.substr(1)) < std::stoull(b.substr(1));
    });
    return lost;
  }

  const std::vector<std::string>& kept() const { return kept_; }
  bool failed() const { return failed_; }

 private:
  static bool terminal(const std::string& frame) { return frame[0] == 't'; }

  bool fits(const std::string& frame) const {
    const auto terminals =
        static_cast<std::size_t>(std::count_if(kept_.begin(), kept_.end(), terminal));
    return kept_.size() < capacity_ && (terminal(frame) || kept_.size() - terminals < others_max_);
  }

  bool make_room(const std::string& frame) {
    const auto progress = [](const std::string& queued) { return queued[0] == 'p'; };
    const auto other = [](const std::string& queued) { return !terminal(queued); };
    if (policy_ == policy::fail_subscriber) failed_ = true;
    if (policy_ == policy::summarize_and_continue) return drop_all(other);
    if (policy_ == policy::drop_progress && !progress(frame) && drop_newest(progress)) return true;
    return !failed_ && terminal(frame) && drop_newest(other);
  }

  template <class Which>
  bool drop_newest(Which which) {
    const auto newest = std::find_if(kept_.rbegin(), kept_.rend(), which);
    if (newest == kept_.rend()) return false;
    dropped_.push_back(*newest);
    kept_.erase(std::next(newest).base());
    return true;
  }

  template <class Which>
  bool drop_all(Which which) {
    bool any = false;
    while (drop_newest(which)) any = true;
    return any;
  }

  std::uint64_t capacity_;
  std::uint64_t others_max_;
  policy policy_;
  std::vector<std::string> kept_;
  std::vector<std::string> dropped_;
  bool failed_ = false;
};

core::queue_config any_config() {
  return {*rc::gen::inRange<std::uint64_t>(1, 7), *rc::gen::inRange<std::uint64_t>(1, 8),
          *rc::gen::element(policy::drop_non_terminal, policy::drop_progress,
                            policy::summarize_and_continue, policy::fail_subscriber)};
}

/// Pushes (`n`, `p`, `t`) and takes (`-`).
std::string any_steps() {
  return *rc::gen::container<std::string>(rc::gen::element('n', 'n', 'p', 'p', 't', '-'));
}

/// Takes from both and compares the frame and the notice; the frame's name, empty at the end.
std::string take_from_both(core::subscriber_queue& queue, naive_queue& naive) {
  const auto next = queue.take();
  RC_ASSERT(next.has_value() == !naive.kept().empty());
  if (!next) return {};
  RC_ASSERT(next->cursor.event_id.text() == naive.take());
  const auto lost = naive.losses();
  RC_ASSERT(next->overflow.has_value() == !lost.empty());
  if (lost.empty()) return next->cursor.event_id.text();
  const auto& notice = *next->overflow;
  RC_ASSERT(notice.dropped_count == lost.size());
  RC_ASSERT(notice.gap_start->event_id.text() == lost.front());
  RC_ASSERT(notice.gap_end.event_id.text() == lost.back());
  RC_ASSERT(core::journal_seq_of(*notice.repair_from) == std::stoull(lost.front().substr(1)) - 1);
  RC_ASSERT(notice.terminal_preserved ==
            std::none_of(lost.begin(), lost.end(), [](auto& one) { return one[0] == 't'; }));
  return next->cursor.event_id.text();
}

}  // namespace

TEST_CASE("a queue keeps, drops and tells exactly what its policy says") {
  CHECK(rc::check("as the naive queue", [] {
    const auto config = any_config();
    auto queue = std::move(core::subscriber_queue::make(config).value());
    naive_queue naive{config};
    std::uint64_t number = 0;
    for (const char step : any_steps()) {
      if (step == '-') {
        take_from_both(queue, naive);
        continue;
      }
      ++number;
      queue.push(frames::frame(step, number));
      naive.push(step + std::to_string(number));
      RC_ASSERT(queue.size() == naive.kept().size());
      RC_ASSERT(queue.failed() == naive.failed());
    }
    while (!take_from_both(queue, naive).empty()) {
    }
  }));
}

TEST_CASE("every frame pushed is taken once in order or counted once as dropped") {
  CHECK(rc::check("kept and dropped make up what was pushed", [] {
    const auto config = any_config();
    RC_PRE(config.overflow != policy::fail_subscriber);
    auto queue = std::move(core::subscriber_queue::make(config).value());
    std::uint64_t pushed = 0;
    std::uint64_t taken = 0;
    std::uint64_t told = 0;
    std::uint64_t last = 0;
    const auto take = [&] {
      const auto next = queue.take();
      if (!next) return false;
      RC_ASSERT(next->cursor.event_seq > last);
      last = next->cursor.event_seq;
      ++taken;
      if (next->overflow) told += next->overflow->dropped_count;
      return true;
    };
    for (const char step : any_steps()) {
      if (step == '-')
        take();
      else
        queue.push(frames::frame(step, ++pushed));
      RC_ASSERT(queue.size() <= config.capacity);
    }
    while (take()) {
    }
    RC_ASSERT(taken + told == pushed);
  }));
}

TEST_CASE("no terminal frame is dropped while another frame holds a place") {
  CHECK(rc::check("terminal frames stay", [] {
    const auto config = any_config();
    RC_PRE(config.overflow != policy::fail_subscriber);
    auto queue = std::move(core::subscriber_queue::make(config).value());
    const auto steps = *rc::gen::container<std::string>(rc::gen::element('n', 'p', 't'));
    const auto terminals = static_cast<std::uint64_t>(std::count(steps.begin(), steps.end(), 't'));
    std::uint64_t number = 0;
    for (const char step : steps) queue.push(frames::frame(step, ++number));
    std::uint64_t taken = 0;
    while (const auto next = queue.take())
      if (core::is_terminal(next->event->envelope.event_kind)) ++taken;
    RC_ASSERT(taken == std::min(terminals, config.capacity));
  }));
}
