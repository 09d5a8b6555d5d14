#include "bench_figures.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "bench_text.hpp"

namespace agentpool::tools {

namespace {

std::string micros(const bench_figures& figures, double share) {
  return number(static_cast<double>(figures.latency.at(share)) / 1e3, 1);
}

/// What a store does with what it has answered.
std::string durability(const bench_figures& figures) {
  if (figures.part.store == "sqlite") return "wal, synchronous=full";
  return figures.part.store == "postgres" ? "synchronous_commit=on" : "none";
}

/// Whether this process writes the rows to the disk, and so knows how much that is.
bool writes(const bench_figures& figures) { return figures.part.store == "sqlite"; }

double amplification(const bench_figures& figures) {
  return figures.row_bytes == 0 ? 0
                                : figures.written_bytes / static_cast<double>(figures.row_bytes);
}

std::string verdict(const bench_figures& figures) {
  const auto met = figures.met();
  if (!met) return "–";
  return "≥ " + number(*figures.part.target(), 2) + (*met ? " met" : " **missed**");
}

}  // namespace

spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

// A value below 2^fine_bits has a bucket of its own; above, each octave has 2^fine_bits of them.
void latency_histogram::add(std::uint64_t nanoseconds) noexcept {
  const auto width = static_cast<std::size_t>(std::bit_width(nanoseconds));
  const std::size_t shift = width > fine_bits ? width - fine_bits - 1 : 0;
  ++buckets_[(shift << fine_bits) + static_cast<std::size_t>(nanoseconds >> shift)];
  ++count_;
}

void latency_histogram::add(const latency_histogram& other) noexcept {
  for (std::size_t index = 0; index < buckets_.size(); ++index)
    buckets_[index] += other.buckets_[index];
  count_ += other.count_;
}

std::uint64_t latency_histogram::at(double share) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted = std::max(
      std::uint64_t{1}, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    seen += buckets_[index];
    if (seen < wanted) continue;
    // From 2^(fine_bits + 1) on the bucket's number holds its shift and one more leading bit.
    const std::size_t high = index >> fine_bits;
    if (high <= 1) return index;
    const std::size_t shift = high - 1;
    const std::uint64_t first = (index - (shift << fine_bits)) << shift;
    return first + ((std::uint64_t{1} << shift) - 1);
  }
  return 0;
}

std::string bench_part::name() const {
  return "send/" + store + "/" + std::to_string(in_flight) + "/" + std::to_string(pools);
}

std::optional<double> bench_part::target() const {
  if (store == "postgres" || (in_flight != 1 && in_flight != 1'024)) return std::nullopt;
  if (store == "sqlite") return in_flight == 1 ? 0.85 : 0.6;
  return in_flight == 1 ? 1.0 / 6 : 1.0 / 5;
}

std::string bench_part::reference() const {
  if (store == "postgres") return "raw libpq, the same rows and transactions";
  if (store == "sqlite") return "raw SQLite, the same rows and transactions";
  return in_flight == 1 ? "CAF request and response" : "CAF one-way";
}

std::optional<bool> bench_figures::met() const {
  const auto wanted = part.target();
  if (!wanted) return std::nullopt;
  return ratio.median >= *wanted;
}

std::string figures_json(const bench_figures& figures) {
  std::string text = "{\"name\":\"" + figures.part.name() + "\",\"store\":\"" + figures.part.store +
                     "\",\"durability\":\"" + durability(figures) + "\"";
  text += ",\"in_flight\":" + std::to_string(figures.part.in_flight);
  text += ",\"pools\":" + std::to_string(figures.part.pools);
  text += ",\"rounds\":" + std::to_string(figures.rounds);
  text += ",\"sends\":" + std::to_string(figures.sends);
  text += ",\"row_bytes\":" + std::to_string(figures.row_bytes);
  text += ",\"sends_per_second\":" + spread_json(figures.rate);
  text += ",\"reference\":\"" + figures.part.reference() + "\"";
  text += ",\"reference_per_second\":" + spread_json(figures.reference_rate);
  text += ",\"ratio\":" + spread_json(figures.ratio);
  if (const auto target = figures.part.target()) text += ",\"target\":" + number(*target);
  if (const auto met = figures.met()) text += std::string{",\"met\":"} + (*met ? "true" : "false");
  text += ",\"latency_microseconds\":{\"p50\":" + micros(figures, 0.5) +
          ",\"p99\":" + micros(figures, 0.99) + ",\"p99_9\":" + micros(figures, 0.999) + "}";
  text += ",\"sends_per_commit\":" + number(figures.batch);
  text += ",\"cpu_microseconds_per_send\":" + number(figures.cpu_microseconds);
  text += ",\"written_bytes_per_send\":" + number(figures.written_bytes, 1);
  text += ",\"file_bytes_per_send\":" + number(figures.file_bytes, 1);
  text += ",\"write_amplification\":" + number(amplification(figures));
  return text + ",\"peak_memory_kib\":" + std::to_string(figures.peak_kib) + "}";
}

std::string bench_markdown(const std::vector<bench_figures>& all) {
  if (all.empty()) return {};
  std::string text =
      "| part | sends/s | reference/s | ratio (least–most) | target | p50 / p99 / p99.9 µs | "
      "sends a commit | CPU µs a send | bytes written a send (× rows) | peak MiB |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const auto& figures : all) {
    text += "| " + figures.part.name() + " | " + number(figures.rate.median, 0) + " | " +
            number(figures.reference_rate.median, 0) + " | " + number(figures.ratio.median, 2) +
            " (" + number(figures.ratio.least, 2) + "–" + number(figures.ratio.most, 2) + ") | " +
            verdict(figures) + " | " + micros(figures, 0.5) + " / " + micros(figures, 0.99) +
            " / " + micros(figures, 0.999) + " | " + number(figures.batch, 1) + " | " +
            number(figures.cpu_microseconds, 1) + " | " +
            (writes(figures)
                 ? number(figures.written_bytes, 0) + " (" + number(amplification(figures), 2) + ")"
                 : "–") +
            " | " + std::to_string(figures.peak_kib / 1'024) + " |\n";
  }
  return text;
}

}  // namespace agentpool::tools
