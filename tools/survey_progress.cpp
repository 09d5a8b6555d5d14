#include "survey_progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "survey_report.hpp"

namespace agentpool::tools {

namespace {
constexpr std::size_t bar_cells = 30;
}

std::string in_megabytes(std::uint64_t bytes) {
  const auto tenths = bytes / 100'000;
  return with_commas(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

survey_progress::survey_progress(std::uint64_t files, std::uint64_t bytes)
    : files_{files},
      bytes_{bytes},
      terminal_{isatty(STDERR_FILENO) == 1},
      shown_at_{std::chrono::steady_clock::now()} {}

survey_progress::~survey_progress() { end_bar(); }

void survey_progress::end_bar() {
  if (bar_open_) std::cerr << std::endl;
  bar_open_ = false;
}

void survey_progress::say(const std::string& what) {
  end_bar();
  std::cerr << "survey: " << what << std::endl;
}

std::string survey_progress::bar(std::uint64_t files, std::uint64_t bytes) const {
  // Files and bytes alike: neither many small files nor one large one let the bar stand still.
  const auto part = [](std::uint64_t done, std::uint64_t all) {
    return all == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
  };
  const double done = (part(files, files_) + part(bytes, bytes_)) / 2;
  const auto cells = static_cast<std::size_t>(done * static_cast<double>(bar_cells));
  return "[" + std::string(cells, '#') + std::string(bar_cells - cells, '.') + "] " +
         std::to_string(static_cast<int>(done * 100)) + " %  ";
}

void survey_progress::show(std::uint64_t files, std::uint64_t bytes) {
  const auto told = with_commas(files) + " of " + with_commas(files_) + " files, " +
                    in_megabytes(bytes) + " of " + in_megabytes(bytes_);
  if (terminal_) {
    std::cerr << "\r" << bar(files, bytes) << told << "\x1b[K" << std::flush;
    bar_open_ = true;
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_at_ < between_lines) return;
  shown_at_ = now;
  say(told);
}

}  // namespace agentpool::tools
