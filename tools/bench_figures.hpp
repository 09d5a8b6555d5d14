#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace agentpool::tools {

/// The middle of some values, and how far they lie apart.
struct spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

/// The spread of the values; all zero without any.
[[nodiscard]] spread spread_of(std::vector<double> values);

/// Counts durations in buckets that are at most 1/32 of their value wide.
class latency_histogram {
 public:
  void add(std::uint64_t nanoseconds) noexcept;
  void add(const latency_histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// An upper bound, in nanoseconds, of that share (0 to 1) of all durations; 0 when empty.
  [[nodiscard]] std::uint64_t at(double share) const noexcept;

 private:
  static constexpr std::size_t fine_bits = 5;
  std::array<std::uint64_t, (64 - fine_bits + 1) << fine_bits> buckets_{};
  std::uint64_t count_ = 0;
};

/// One part of the benchmark: sends to pools on a store, so many in flight in all.
struct bench_part {
  std::string store;  ///< "memory", "sqlite" or "postgres".
  std::size_t in_flight = 1;
  std::size_t pools = 1;

  /// "send/sqlite/64/8".
  [[nodiscard]] std::string name() const;

  /// The least ratio to the reference that is aimed at; none for parts without a target.
  [[nodiscard]] std::optional<double> target() const;

  /// What the reference does, in a few words.
  [[nodiscard]] std::string reference() const;
};

/// What a part measured.
struct bench_figures {
  bench_part part;
  std::size_t rounds = 0;
  std::uint64_t sends = 0;
  std::uint64_t row_bytes = 0;  ///< JSON of the two records of one send.
  spread rate;                  ///< Sends a second.
  spread reference_rate;
  spread ratio;  ///< Of the two rates of one round.
  latency_histogram latency;
  double batch = 0;  ///< Sends of one transaction, in the mean.
  double cpu_microseconds = 0;
  double written_bytes = 0;  ///< To the disk, of one send.
  double file_bytes = 0;     ///< That the store's files grew by, of one send.
  std::uint64_t peak_kib = 0;

  /// Whether the ratio reaches its target; none without a target.
  [[nodiscard]] std::optional<bool> met() const;
};

/// The figures as a JSON object.
[[nodiscard]] std::string figures_json(const bench_figures& figures);

/// All figures as a Markdown table; empty without figures.
[[nodiscard]] std::string bench_markdown(const std::vector<bench_figures>& all);

}  // namespace agentpool::tools
