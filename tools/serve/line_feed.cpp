#include "line_feed.hpp"

#include <utility>

#include "feed.hpp"

namespace agentpool::tools {

void line_feed::begin(const std::shared_ptr<http_stream>& to) {
  std::string last;
  bool over = false;
  {
    const std::lock_guard guard{mutex_};
    to_ = to;
    over = over_;
    writing_ = !over;
    last = std::move(last_);
  }
  if (over) return to->end(std::move(last));
  write();
}

bool line_feed::tell(const std::string& line) {
  {
    const std::lock_guard guard{mutex_};
    if (over_) return false;
    if (waiting_.size() >= lines_max) {
      over_ = true;
      if (to_) to_->end({});
      return false;
    }
    waiting_.push_back(sse_message({}, "message", line));
    if (writing_ || !to_) return true;
    writing_ = true;
  }
  write();
  return true;
}

void line_feed::write() {
  std::string out;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& one : waiting_) out += one;
    waiting_.clear();
    writing_ = !out.empty() && !over_;
    if (!writing_) return;
  }
  to_->write(std::move(out), [self = shared_from_this()](bool taken) {
    if (taken) return self->write();
    const std::lock_guard guard{self->mutex_};
    self->over_ = true;
  });
}

void line_feed::end(const std::string& last) {
  std::string out;
  std::shared_ptr<http_stream> to;
  {
    const std::lock_guard guard{mutex_};
    if (over_) return;
    over_ = true;
    for (const auto& one : waiting_) out += one;
    waiting_.clear();
    if (!last.empty()) out += sse_message({}, "message", last);
    to = to_;
    if (!to) last_ = out;  // it ends as it begins
  }
  if (to) to->end(std::move(out));
}

bool line_feed::over() const {
  const std::lock_guard guard{mutex_};
  return over_ || (to_ && to_->gone());
}

http_response message_stream_head() {
  return {200,
          "text/event-stream",
          ": connected\n\n",
          {{"Cache-Control", "no-cache, no-transform"}, {"X-Accel-Buffering", "no"}}};
}

}  // namespace agentpool::tools
