#include "patience.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace agentpool::tools {

namespace {

using std::chrono::milliseconds;

bool is_nothing_yet(const core::answer& answer) {
  if (const auto* page = std::get_if<core::inbox_page>(&answer)) return page->entries.empty();
  const auto* report = std::get_if<core::wake_report>(&answer);
  return report != nullptr && !report->notice;
}

struct patience : std::enable_shared_from_this<patience> {
  actors::pool_handle pool;
  core::command ask;
  milliseconds left;
  milliseconds part_max;
  std::shared_ptr<const std::atomic<bool>> gone;
  actors::callback<core::answer> then;

  patience(actors::pool_handle at, core::command what, milliseconds wait, milliseconds part)
      : pool{std::move(at)}, ask{std::move(what)}, left{wait}, part_max{part} {}

  void wait() {
    const auto part = std::min(left, part_max);
    left -= part;
    pool.submit(ask, part, [self = shared_from_this()](core::outcome<core::answer> answer) {
      self->take(std::move(answer));
    });
  }

  void take(core::outcome<core::answer> answer) {
    const bool over = left.count() <= 0 || *gone;
    if (over || !answer || !is_nothing_yet(*answer)) return then(std::move(answer));
    wait();
  }
};

}  // namespace

void wait_in_parts(actors::pool_handle pool, core::command ask, milliseconds wait,
                   std::shared_ptr<const std::atomic<bool>> gone,
                   actors::callback<core::answer> then, milliseconds part_max) {
  const auto all = std::make_shared<patience>(std::move(pool), std::move(ask), wait, part_max);
  all->gone = std::move(gone);
  all->then = std::move(then);
  all->wait();
}

}  // namespace agentpool::tools
