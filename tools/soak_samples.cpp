#include "soak_samples.hpp"

#include <algorithm>
#include <ctime>
#include <span>

#include "agentpool/core/json.hpp"
#include "bench_figures.hpp"
#include "bench_kit.hpp"
#include "bench_text.hpp"

namespace agentpool::tools {

namespace {

constexpr double bytes_of_mib = 1'048'576;

template <class Field>
double median(std::span<const soak_sample> samples, Field field) {
  std::vector<double> values;
  for (const auto& sample : samples) values.push_back(sample.*field);
  return spread_of(std::move(values)).median;
}

template <class Field>
double mean(std::span<const soak_sample> samples, Field field) {
  double sum = 0;
  for (const auto& sample : samples) sum += static_cast<double>(sample.*field);
  return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

/// The tenth with that number, from 0 on.
soak_tenth tenth(const std::vector<soak_sample>& samples, std::size_t number) {
  const auto first = samples.size() * number / 10;
  const auto last = std::max(samples.size() * (number + 1) / 10, first + 1);
  std::span<const soak_sample> part{samples};
  if (!samples.empty()) part = part.subspan(first, last - first);
  return {median(part, &soak_sample::rate),
          median(part, &soak_sample::p50_microseconds),
          median(part, &soak_sample::p99_microseconds),
          median(part, &soak_sample::p99_9_microseconds),
          median(part, &soak_sample::cpu_microseconds),
          mean(part, &soak_sample::resident_bytes),
          mean(part, &soak_sample::sends),
          median(part, &soak_sample::machine_rate)};
}

std::string json(const soak_sample& sample) {
  return "{\"seconds\":" + number(sample.seconds) + ",\"sends\":" + std::to_string(sample.sends) +
         ",\"sends_per_second\":" + number(sample.rate) +
         ",\"latency_microseconds\":{\"p50\":" + number(sample.p50_microseconds) +
         ",\"p99\":" + number(sample.p99_microseconds) +
         ",\"p99_9\":" + number(sample.p99_9_microseconds) +
         "},\"cpu_microseconds_per_send\":" + number(sample.cpu_microseconds) +
         ",\"resident_bytes\":" + std::to_string(sample.resident_bytes) +
         ",\"store_bytes\":" + std::to_string(sample.store_bytes) +
         ",\"machine_rate\":" + number(sample.machine_rate) + "}";
}

std::string json(const soak_tenth& part) {
  return "{\"sends_per_second\":" + number(part.rate) +
         ",\"latency_microseconds\":{\"p50\":" + number(part.p50_microseconds) +
         ",\"p99\":" + number(part.p99_microseconds) +
         ",\"p99_9\":" + number(part.p99_9_microseconds) +
         "},\"cpu_microseconds_per_send\":" + number(part.cpu_microseconds) +
         ",\"resident_bytes\":" + number(part.resident_bytes, 0) +
         ",\"machine_rate\":" + number(part.machine_rate) + "}";
}

std::string row(const std::string& name, double second, double last, int digits) {
  const auto cell = [](std::string text, std::size_t width) {
    text.insert(0, width - std::min(width, text.size()), ' ');
    return text;
  };
  const auto ratio = second > 0 ? number(last / second, 2) : "-";
  return name + std::string(14 - std::min<std::size_t>(14, name.size()), ' ') +
         cell(number(second, digits), 14) + cell(number(last, digits), 14) + cell(ratio, 8) + "\n";
}

}  // namespace

double machine_speed() {
  constexpr std::uint64_t times = 2'000;
  const auto processor_seconds = [] {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  };
  const auto text = core::to_json(bench_message(0));
  const auto start = processor_seconds();
  std::uint64_t read = 0;
  for (std::uint64_t one = 0; one < times; ++one)
    read += core::from_json<core::run_message>(text).ok() ? 1 : 0;
  return static_cast<double>(read) / (processor_seconds() - start);
}

soak_tenth soak_results::second_tenth() const { return tenth(samples, 1); }
soak_tenth soak_results::last_tenth() const { return tenth(samples, 9); }

double soak_results::growth_bytes() const {
  const auto second = second_tenth();
  const auto last = last_tenth();
  const auto sends = last.sends - second.sends;
  return sends > 0 ? (last.resident_bytes - second.resident_bytes) / sends : 0;
}

std::string soak_json(const soak_results& results) {
  const auto& asked = results.request;
  std::string text = "{\"store\":\"" + asked.store + "\",\"runs\":" + std::to_string(asked.runs) +
                     ",\"in_flight\":" + std::to_string(asked.in_flight) +
                     ",\"seed\":" + std::to_string(asked.seed) +
                     ",\"wakes\":" + std::to_string(results.wakes) + ",\"samples\":[";
  for (const auto& sample : results.samples)
    text += (&sample == results.samples.data() ? "" : ",") + json(sample);
  return text + "],\"second_tenth\":" + json(results.second_tenth()) +
         ",\"last_tenth\":" + json(results.last_tenth()) +
         ",\"growth_bytes_per_send\":" + number(results.growth_bytes(), 1) + "}\n";
}

std::string soak_summary(const soak_results& results) {
  const auto& asked = results.request;
  const auto second = results.second_tenth();
  const auto last = results.last_tenth();
  const auto sends = results.samples.empty() ? 0 : results.samples.back().sends;
  return asked.store + ", " + std::to_string(asked.runs) + " runs, " +
         std::to_string(asked.in_flight) + " in flight: " + std::to_string(sends) + " sends, " +
         std::to_string(results.wakes) + " wakes\n" + std::string(16, ' ') +
         "second tenth    last tenth   ratio\n" + row("sends/s", second.rate, last.rate, 0) +
         row("p50 us", second.p50_microseconds, last.p50_microseconds, 0) +
         row("p99 us", second.p99_microseconds, last.p99_microseconds, 0) +
         row("p99.9 us", second.p99_9_microseconds, last.p99_9_microseconds, 0) +
         row("CPU us a send", second.cpu_microseconds, last.cpu_microseconds, 1) +
         row("machine", second.machine_rate, last.machine_rate, 0) +
         row("memory MiB", second.resident_bytes / bytes_of_mib, last.resident_bytes / bytes_of_mib,
             1) +
         "memory grew by " + number(results.growth_bytes(), 1) + " bytes a send between them\n";
}

std::string soak_line(const soak_sample& sample) {
  return number(sample.seconds, 1) + " s: " + number(sample.rate, 0) + " sends/s, p50 " +
         number(sample.p50_microseconds, 0) + " us, p99 " + number(sample.p99_microseconds, 0) +
         " us, " + number(static_cast<double>(sample.resident_bytes) / bytes_of_mib, 1) + " MiB";
}

}  // namespace agentpool::tools
