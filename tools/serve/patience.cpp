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
  asking_once ask;
  milliseconds left{0};
  milliseconds part_max{0};
  std::shared_ptr<const std::atomic<bool>> gone;
  actors::callback<core::answer> then;

  void wait() {
    const auto part = std::min(left, part_max);
    left -= part;
    ask(part, [self = shared_from_this()](core::outcome<core::answer> answer) {
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

void wait_in_parts(asking_once ask, milliseconds wait,
                   std::shared_ptr<const std::atomic<bool>> gone,
                   actors::callback<core::answer> then, milliseconds part_max) {
  const auto all = std::make_shared<patience>();
  all->ask = std::move(ask);
  all->left = wait;
  all->part_max = part_max;
  all->gone = std::move(gone);
  all->then = std::move(then);
  all->wait();
}

}  // namespace agentpool::tools
