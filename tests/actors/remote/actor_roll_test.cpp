#include "actors/remote/actor_roll.hpp"

#include "support/catch.hpp"

using agentpool::actors::remote::actor_roll;

TEST_CASE("a roll knows who was entered, and nobody else") {
  actor_roll roll{100};
  CHECK(!roll.knows(7));
  roll.add(7);
  CHECK(roll.knows(7));
  CHECK(!roll.knows(8));
  roll.add(0);  // CAF's number for nobody
  CHECK(!roll.knows(0));
}

TEST_CASE("a roll keeps the latest half at least, and no more than the whole") {
  actor_roll roll{100};
  for (std::uint64_t actor = 1; actor <= 1'000; ++actor) {
    roll.add(actor);
    roll.add(actor);
    for (std::uint64_t recent = actor > 50 ? actor - 49 : 1; recent <= actor; recent += 7) {
      // Asked of a copy: asking is a sign of use.
      actor_roll copy = roll;
      CHECK(copy.knows(recent));
    }
  }
  std::size_t kept = 0;
  for (std::uint64_t actor = 1; actor <= 1'000; ++actor) {
    actor_roll copy = roll;
    if (copy.knows(actor)) ++kept;
  }
  CHECK(kept >= 50);
  CHECK(kept <= 102);
}

TEST_CASE("who is asked for is kept") {
  actor_roll roll{100};
  roll.add(1);
  for (std::uint64_t actor = 2; actor <= 1'000; ++actor) {
    roll.add(actor);
    CHECK(roll.knows(1));
  }
}

TEST_CASE("a roll takes another one's entries") {
  actor_roll first{100};
  for (std::uint64_t actor = 1; actor <= 80; ++actor) first.add(actor);
  actor_roll second{200};
  second.merge(first);
  for (std::uint64_t actor = 1; actor <= 80; ++actor) CHECK(second.knows(actor));
}
