#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "bench_figures.hpp"

namespace agentpool::tools {

/// How a part is measured.
struct bench_effort {
  std::size_t rounds = 5;
  std::chrono::nanoseconds time{std::chrono::seconds{1}};  ///< Of each side of a round.
  std::string folder;    ///< An empty folder on the disk that is measured.
  std::string postgres;  ///< Connection string of the server that is measured; empty: none.
  double scale = 1;      ///< Of the sizes that parts' names tell, to try them out or to go beyond.

  /// A size of a part's name as it is measured: at least 1.
  [[nodiscard]] std::uint64_t scaled(std::uint64_t size) const {
    return std::max(std::uint64_t{1},
                    static_cast<std::uint64_t>(static_cast<double>(size) * scale));
  }
};

/// Measures the part and its reference in turns. `told` is called before each round, with its
/// number from 1. Fails when a send is not delivered or the store refuses.
[[nodiscard]] core::outcome<bench_figures> measure(const bench_part& part,
                                                   const bench_effort& effort,
                                                   const std::function<void(std::size_t)>& told);

}  // namespace agentpool::tools
