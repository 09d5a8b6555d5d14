// The room table of rooms.txt, and whether a source keeps to it.
#pragma once

#include "source_text.hpp"

#include <map>
#include <string>
#include <vector>

namespace agentpool::laws {

struct room_rules {
  std::vector<std::string> ours;
  std::vector<std::string> others;
  std::vector<std::string> without;
};

struct word_rule {
  std::string word;
  bool only_in = false;            ///< true: forbidden in `paths`; false: forbidden outside them
  std::vector<std::string> paths;  ///< prefixes
};

class room_table {
 public:
  /// Reads the format that the head of rooms.txt describes. Throws on an unknown line.
  [[nodiscard]] static room_table parse(const std::string& text);

  /// What in this file breaks the table, by line. Sources outside the rooms (tests, examples)
  /// are held to the words alone.
  [[nodiscard]] std::vector<violation> check(const source_file& file) const;

  /// The room a path belongs to, the innermost one; empty for none.
  [[nodiscard]] std::string room_of(const std::string& path) const;

  [[nodiscard]] const std::map<std::string, room_rules>& rooms() const noexcept { return rooms_; }

 private:
  [[nodiscard]] std::string judge(const std::string& room, const std::string& header,
                                  bool quoted) const;
  [[nodiscard]] std::string judge_ours(const std::string& room, const std::string& rest) const;
  [[nodiscard]] std::string judge_others(const std::string& room, const std::string& header) const;

  std::map<std::string, room_rules> rooms_;
  std::map<std::string, std::vector<std::string>> allowed_only_;  // header prefix → rooms
  std::vector<word_rule> words_;
};

}  // namespace agentpool::laws
