#include "actors/remote/relay_buffer.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <deque>

#include "support/catch.hpp"

using agentpool::actors::remote::relay_buffer;

namespace {

/// The same, as two queues.
struct model {
  std::deque<std::byte> ready;
  std::deque<std::byte> fresh;
};

std::size_t up_to(std::size_t most) { return *rc::gen::inRange<std::size_t>(0, most + 1); }

void step(relay_buffer& buffer, model& like, unsigned& next) {
  switch (*rc::gen::inRange(0, 5)) {
    case 0: {
      const auto room = buffer.room();
      const auto size = up_to(std::min<std::size_t>(room.size(), 9'000));
      for (std::size_t i = 0; i < size; ++i) {
        room[i] = static_cast<std::byte>(next++);
        like.fresh.push_back(room[i]);
      }
      return buffer.filled(size);
    }
    case 1: {
      const auto size = up_to(like.fresh.size());
      like.ready.insert(like.ready.end(), like.fresh.begin(),
                        like.fresh.begin() + static_cast<std::ptrdiff_t>(size));
      like.fresh.erase(like.fresh.begin(), like.fresh.begin() + static_cast<std::ptrdiff_t>(size));
      return buffer.pass(size);
    }
    case 2: {
      const auto size = up_to(like.fresh.size());
      like.fresh.erase(like.fresh.begin(), like.fresh.begin() + static_cast<std::ptrdiff_t>(size));
      return buffer.omit(size);
    }
    case 3: {
      const auto size = up_to(like.ready.size());
      like.ready.erase(like.ready.begin(), like.ready.begin() + static_cast<std::ptrdiff_t>(size));
      return buffer.written(size);
    }
    default: return buffer.relax();
  }
}

}  // namespace

TEST_CASE("a relay's buffer is two queues with a bound") {
  CHECK(rc::check("as the model", [] {
    constexpr std::size_t most = 50'000;
    relay_buffer buffer{most};
    model like;
    unsigned next = 0;
    const auto steps = *rc::gen::inRange(0, 60);
    for (int i = 0; i < steps; ++i) {
      step(buffer, like, next);
      const auto ready = buffer.ready();
      const auto fresh = buffer.fresh();
      RC_ASSERT(std::equal(ready.begin(), ready.end(), like.ready.begin(), like.ready.end()));
      RC_ASSERT(std::equal(fresh.begin(), fresh.end(), like.fresh.begin(), like.fresh.end()));
      RC_ASSERT(buffer.full() == (ready.size() + fresh.size() == most));
      RC_ASSERT(buffer.full() == buffer.room().empty());
    }
  }));
}
