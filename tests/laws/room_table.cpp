#include "room_table.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace agentpool::laws {
namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return text.starts_with(prefix); });
}

bool is_posix(const std::string& header) {
  static constexpr std::array<std::string_view, 15> known{
      "unistd.h", "dirent.h",  "fcntl.h", "poll.h",  "signal.h",  "sys/",    "spawn.h", "termios.h",
      "netdb.h",  "arpa/inet", "netinet", "errno.h", "pthread.h", "sched.h", "time.h"};
  return std::any_of(known.begin(), known.end(),
                     [&](std::string_view prefix) { return header.starts_with(prefix); });
}

// The C++ standard library is what has neither a folder nor an ending.
bool is_standard(const std::string& header) {
  return header.find_first_of("./") == std::string::npos;
}

word_rule parse_word(std::istringstream& words, const std::string& line) {
  word_rule rule;
  std::string kind;
  words >> rule.word >> kind;
  if (kind != "except" && kind != "in") throw std::runtime_error("rooms.txt: " + line);
  rule.only_in = kind == "in";
  for (std::string path; words >> path;) rule.paths.push_back(path);
  return rule;
}

}  // namespace

room_table room_table::parse(const std::string& text) {
  room_table table;
  room_rules* room = nullptr;
  for (const auto& line : split_lines(text)) {
    std::istringstream words(line);
    std::string verb;
    if (!(words >> verb) || verb.starts_with('#')) continue;
    if (verb == "never") {
      table.words_.push_back(parse_word(words, line));
      continue;
    }
    std::string first;
    words >> first;
    std::vector<std::string> rest;
    for (std::string word; words >> word;) rest.push_back(word);
    if (verb == "room") {
      room = &table.rooms_[first];
      continue;
    }
    if (verb == "allow") {
      table.allowed_only_[first] = rest;
      continue;
    }
    if (room == nullptr) throw std::runtime_error("rooms.txt, before any room: " + line);
    rest.insert(rest.begin(), first);
    if (verb == "links") continue;  // CMake's
    auto* list = verb == "ours"      ? &room->ours
                 : verb == "others"  ? &room->others
                 : verb == "without" ? &room->without
                                     : nullptr;
    if (list == nullptr) throw std::runtime_error("rooms.txt: " + line);
    list->insert(list->end(), rest.begin(), rest.end());
  }
  return table;
}

std::string room_table::room_of(const std::string& path) const {
  static const std::string shared = "include/agentpool/";
  const auto inner = path.starts_with(shared) ? path.substr(shared.size()) : path;
  std::string found;
  for (const auto& [name, rules] : rooms_) {
    if (inner.starts_with(name + "/") && name.size() > found.size()) found = name;
  }
  return found;
}

std::vector<violation> room_table::check(const source_file& file) const {
  static const std::regex include(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  std::vector<violation> found;
  const auto room = room_of(file.path);
  const auto lines = split_lines(without_comments(file.text, literals::blanked));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch parts;
    if (!room.empty() && std::regex_search(lines[i], parts, include)) {
      const auto complaint = judge(room, parts[2], parts[1] == "\"");
      if (!complaint.empty()) found.push_back({file.path, i + 1, complaint});
    }
    for (const auto& rule : words_) {
      const auto listed = starts_with_any(file.path, rule.paths);
      if (listed != rule.only_in || lines[i].find(rule.word) == std::string::npos) continue;
      found.push_back({file.path, i + 1, rule.word + " has no place here"});
    }
  }
  return found;
}

std::string room_table::judge(const std::string& room, const std::string& header,
                              bool quoted) const {
  static const std::string shared = "agentpool/";
  if (header.starts_with(shared)) return judge_ours(room, header.substr(shared.size()));
  if (!quoted) return judge_others(room, header);
  if (header.find("..") != std::string::npos) return header + " climbs out of its folder";
  const auto owner = room_of(header);
  if (!owner.empty() && owner != room) return header + " is private to the room " + owner;
  return {};
}

std::string room_table::judge_ours(const std::string& room, const std::string& rest) const {
  const auto owner = room_of(rest);
  const auto& ours = rooms_.at(room).ours;
  if (has(ours, owner)) return {};
  // "stores/memory" lets in that part of a room and no more.
  for (const auto& part : ours) {
    if (part.find('/') != std::string::npos && rest.starts_with(part)) return {};
  }
  return "the room " + room + " may not include agentpool/" + rest;
}

std::string room_table::judge_others(const std::string& room, const std::string& header) const {
  const auto& rules = rooms_.at(room);
  const auto complaint = "the room " + room + " may not include <" + header + ">";
  for (const auto& [prefix, rooms] : allowed_only_) {
    if (header.starts_with(prefix) && !has(rooms, room)) return complaint;
  }
  if (is_standard(header)) return has(rules.without, header) ? complaint : std::string{};
  if (starts_with_any(header, rules.others)) return {};
  if (is_posix(header) && has(rules.others, "POSIX")) return {};
  return complaint;
}

}  // namespace agentpool::laws
