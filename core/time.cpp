#include "agentpool/core/time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace agentpool::core {

namespace {
/// The last millisecond of the year 9999, the last that RFC 3339 can write.
constexpr std::uint64_t last_millis = 253'402'300'799'999;
}  // namespace

std::string rfc3339(std::uint64_t unix_millis) {
  using namespace std::chrono;
  const auto at = from_millis(std::min(unix_millis, last_millis));
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> time{at - day};
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace agentpool::core
