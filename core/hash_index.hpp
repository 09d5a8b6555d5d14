#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace agentpool::core {

/// A hash that is the same on every machine and in every version (XXH3, 64 bits).
[[nodiscard]] std::uint64_t stable_hash(std::string_view text) noexcept;

/// Numbers by a hash of what they are of: some 30 bytes for one that has its hash alone, some 50
/// more for one that shares it. Two texts may have one hash, so whoever finds looks closer.
class hash_index {
 public:
  /// Makes room for so many, so that adding them moves none.
  void reserve(std::size_t count) { first_.reserve(count); }

  void add(std::uint64_t hash, std::uint64_t number) {
    if (!first_.try_emplace(hash, number).second) others_.emplace(hash, number);
  }

  /// Nothing when it is not there.
  void drop(std::uint64_t hash, std::uint64_t number) {
    const auto first = first_.find(hash);
    if (first == first_.end()) return;
    if (first->second != number) {
      others_.erase({hash, number});
      return;
    }
    const auto next = others_.lower_bound({hash, 0});
    if (next == others_.end() || next->first != hash) {
      first_.erase(first);
      return;
    }
    first->second = next->second;
    others_.erase(next);
  }

  /// Calls `visit(number)` for each with that hash.
  template <class Visit>
  void each(std::uint64_t hash, const Visit& visit) const {
    const auto found = first_.find(hash);
    if (found == first_.end()) return;
    visit(found->second);
    if (others_.empty()) return;
    for (auto other = others_.lower_bound({hash, 0});
         other != others_.end() && other->first == hash; ++other)
      visit(other->second);
  }

 private:
  /// The hashes are good already.
  struct as_it_is {
    using is_avalanching = void;
    std::size_t operator()(std::uint64_t hash) const noexcept { return hash; }
  };

  boost::unordered_flat_map<std::uint64_t, std::uint64_t, as_it_is> first_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> others_;
};

}  // namespace agentpool::core
