#include <optional>
#include <vector>

#include "agentpool/core/pool.hpp"
#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class replay_check final : public check {
 public:
  replay_check() : check{"replay"} {}

  void on_idle() override {
    for (const auto& [id, kept] : world().ledgers()) {
      std::string whole;
      for (std::size_t engine = 0; engine < world().sites(); ++engine) {
        const auto state = world().state_of(engine, id);
        if (!state) continue;
        const auto& forgot = world().forgot(engine, id);
        if (forgot.empty() && whole.empty()) whole = replayed(id, kept, forgot);
        const auto expected = forgot.empty() ? whole : replayed(id, kept, forgot);
        if (*state != expected)
          violated("engine " + std::to_string(engine) +
                   "'s pool is not what the log gives: " + difference(*state, expected));
      }
    }
  }

 private:
  /// Walks the log and forgets where the engine's pool did.
  [[nodiscard]] std::string replayed(const core::pool_id& id, const pool_ledger& kept,
                                     const std::vector<forgetting>& forgot) const {
    core::pool pool{id, world().pool_limits()};
    std::vector<std::optional<core::horizon>> marks(forgot.size());
    std::size_t next = 0;
    for (const auto& entry : kept.entries()) {
      static_cast<void>(pool.apply(entry));
      for (; next < forgot.size() && forgot[next].at == pool.position(); ++next) {
        for (const auto& [run, sequence] : forgot[next].acknowledged) pool.apply({run, sequence});
        if (!marks[next]) return "no place to forget from";
        static_cast<void>(pool.forget(*marks[next]));
      }
      // A mark is made after what is forgotten at the same place.
      for (auto i = next; i < forgot.size(); ++i)
        if (forgot[i].horizon == pool.position()) marks[i] = pool.mark();
    }
    for (const auto& [run, sequence] : kept.acknowledged()) pool.apply({run, sequence});
    return pool.fingerprint();
  }

  /// The first place where they differ, with a little of both.
  static std::string difference(const std::string& state, const std::string& expected) {
    constexpr std::size_t shown = 80;
    std::size_t at = 0;
    while (at < state.size() && at < expected.size() && state[at] == expected[at]) ++at;
    const auto from = at < shown / 2 ? 0 : at - shown / 2;
    return "…" + state.substr(from, shown) + "… is not …" + expected.substr(from, shown) + "…";
  }
};

}  // namespace

std::unique_ptr<check> replay() { return std::make_unique<replay_check>(); }

}  // namespace agentpool::sim::checks
