// A filter and what came through it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/remote/basp_filter.hpp"
#include "actors/remote/frames.hpp"

namespace agentpool::testing {

using actors::remote::basp_filter;
using actors::remote::ending;
using actors::remote::filter_rules;
using actors::remote::side;

[[nodiscard]] inline filter_rules usual_rules() {
  return {.message_bytes_max = 100'000,
          .known_actors_max = 64,
          .message_types = {"@str", "agentpool::core::read_inbox"}};
}

/// Feeds a filter from both sides, as a relay does: what it cannot decide yet stays.
class filter_bench {
 public:
  explicit filter_bench(side opened, filter_rules rules = usual_rules(),
                        std::shared_ptr<actors::remote::actor_roll> published =
                            std::make_shared<actors::remote::actor_roll>(8))
      : filter{opened, std::make_shared<filter_rules>(std::move(rules)), std::move(published)} {}

  /// What came in, or went out, and was let through.
  struct stream {
    bytes undecided;
    bytes passed;
    std::size_t omitted = 0;
    std::optional<ending> told;  ///< Why something was left out, when that is to be told.
  };

  basp_filter filter;
  stream in;
  stream out;
  std::optional<ending> refused;

  filter_bench& inward(const bytes& more) {
    feed(in, more, [this](actors::remote::byte_view front) { return filter.inward(front); });
    return *this;
  }
  filter_bench& outward(const bytes& more) {
    feed(out, more, [this](actors::remote::byte_view front) { return filter.outward(front); });
    inward({});
    return *this;
  }
  /// Past its handshakes: we are node 1 and publish actor 10, the peer is node 2.
  filter_bench& greeted() {
    if (filter_is_dialled()) {
      inward(server_handshake(node(2), 77));
      outward(client_handshakes(node(1)));
    } else {
      outward(server_handshake(node(1), 10));
      inward(client_handshakes(node(2)));
    }
    in.passed.clear();
    out.passed.clear();
    return *this;
  }
  filter_bench& dialled() {
    dialled_ = true;
    return *this;
  }

 private:
  using judge = std::function<actors::remote::filter_step(actors::remote::byte_view)>;

  [[nodiscard]] bool filter_is_dialled() const { return dialled_; }

  void feed(stream& of, const bytes& more, const judge& step_of) {
    using kind = actors::remote::filter_step::kind;
    of.undecided = of.undecided + more;
    while (!refused) {
      const auto step = step_of(of.undecided);
      const auto end = of.undecided.begin() + static_cast<std::ptrdiff_t>(step.bytes);
      switch (step.what) {
        case kind::wait: return;
        case kind::refuse: refused = step.why; return;
        case kind::pass: of.passed.insert(of.passed.end(), of.undecided.begin(), end); break;
        case kind::omit:
          of.omitted += step.bytes;
          if (step.why != ending::closed_here) of.told = step.why;
          break;
      }
      of.undecided.erase(of.undecided.begin(), end);
    }
  }

  bool dialled_ = false;
};

}  // namespace agentpool::testing
