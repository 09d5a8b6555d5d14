#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "agentpool/core/record.hpp"
#include "survey_log.hpp"
#include "survey_plan.hpp"
#include "survey_tally.hpp"

/// What `agentpool run survey` prints in the end.
namespace agentpool::tools {

struct reported_line {
  std::string path;
  std::uint64_t line = 0;
  std::uint64_t bytes = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("path", self.path);
    visit("line", self.line);
    visit("bytes", self.bytes);
  }
};

struct reported_identifier {
  std::string name;
  std::uint64_t count = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("name", self.name);
    visit("count", self.count);
  }
};

struct reported_unread {
  std::string path;
  std::string why;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("path", self.path);
    visit("why", self.why);
  }
};

/// The report; docs/survey.md says what each field counts.
struct survey_report {
  std::string directory;
  bool complete = false;
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t binary_files = 0;
  std::uint64_t unreadable_files = 0;
  std::vector<reported_unread> unreadable;  ///< The first of the files, then all folders.
  std::vector<reported_line> longest_lines;
  std::vector<reported_identifier> identifiers;
  std::uint64_t batches = 0;
  std::uint64_t messages = 0;
  std::uint64_t wakes = 0;
  std::uint64_t commits = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("directory", self.directory);
    visit("complete", self.complete);
    visit("files", self.files);
    visit("lines", self.lines);
    visit("words", self.words);
    visit("bytes", self.bytes);
    visit("binary_files", self.binary_files);
    visit("unreadable_files", self.unreadable_files);
    visit("unreadable", self.unreadable, core::presence::always);
    visit("longest_lines", self.longest_lines, core::presence::always);
    visit("identifiers", self.identifiers, core::presence::always);
    visit("batches", self.batches);
    visit("messages", self.messages);
    visit("wakes", self.wakes);
    visit("commits", self.commits);
  }
};

[[nodiscard]] survey_report report_of(const survey_plan& plan, const tally& counts,
                                      const survey_costs& costs);

/// As one JSON object and a newline.
[[nodiscard]] std::string as_json(const survey_report& report);
/// For a person to read.
[[nodiscard]] std::string as_table(const survey_report& report);

/// "1 batch", "1,000 batches", "2 files".
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& one);

/// 1234567 as "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace agentpool::tools
