#include "survey_tally.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace agentpool::tools {

namespace {

constexpr std::string_view first_line = "agentpool survey result 1";

bool before(const long_line& a, const long_line& b) {
  return std::tie(b.bytes, a.path, a.number) < std::tie(a.bytes, b.path, b.number);
}

/// The text up to the next `mark`, which is taken away with it; all of it when there is none.
std::string_view cut(std::string_view& text, char mark) {
  const auto end = text.find(mark);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

bool read_number(std::string_view text, std::uint64_t& into) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
  return fault == std::errc{} && end == text.data() + text.size();
}

/// The counts by the names under which they are written.
template <class Tally, class Visitor>
void each_count(Tally& counts, Visitor visit) {
  visit("files", counts.files);
  visit("lines", counts.lines);
  visit("words", counts.words);
  visit("bytes", counts.bytes);
  visit("binary", counts.binary_files);
  visit("unreadable", counts.unreadable);
}

bool read_line(std::string_view line, tally& into) {
  const auto what = cut(line, ' ');
  std::uint64_t count = 0;
  if (what == "unread") {
    unread one;
    one.why = cut(line, '\t');
    one.path = line;
    into.unread_files.push_back(std::move(one));
    return true;
  }
  if (!read_number(cut(line, ' '), count)) return false;
  if (what == "long") {
    long_line one{count, {}, 0};
    if (!read_number(cut(line, ' '), one.number)) return false;
    one.path = line;
    into.longest.push_back(std::move(one));
    return true;
  }
  if (what == "id") return into.identifiers.emplace(std::string{line}, count).second;
  bool known = false;
  each_count(into, [&](std::string_view name, std::uint64_t& value) {
    if (name != what) return;
    value = count;
    known = true;
  });
  return known;
}

/// How many bytes the printable UTF-8 character at the start of `text` has; 0 when it is none.
std::size_t printable(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  std::uint32_t point = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t least[] = {0, 0, 0xa0, 0x800, 0x10000};  // U+0080-9F are controls.
  if (point < least[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return 0;
  return size;
}

}  // namespace

void tally::add_line(long_line line) {
  const bool full = longest.size() == tally_limits::longest_lines;
  if (line.bytes == 0 || (full && !before(line, longest.back()))) return;
  longest.insert(std::upper_bound(longest.begin(), longest.end(), line, before), std::move(line));
  if (full) longest.pop_back();
}

void tally::add_unread(unread what) {
  ++unreadable;
  if (unread_files.size() < tally_limits::unread_named) unread_files.push_back(std::move(what));
}

void tally::add_identifier(std::string_view name) {
  const auto found = identifiers.find(name);
  if (found != identifiers.end()) {
    ++found->second;
    return;
  }
  identifiers.emplace(std::string{name}, 1);
  if (identifiers.size() > tally_limits::identifiers) forget_rare_identifiers();
}

void tally::add(const tally& part) {
  files += part.files;
  lines += part.lines;
  words += part.words;
  bytes += part.bytes;
  binary_files += part.binary_files;
  unreadable += part.unreadable;
  for (const auto& one : part.unread_files)
    if (unread_files.size() < tally_limits::unread_named) unread_files.push_back(one);
  for (const auto& line : part.longest) add_line(line);
  for (const auto& [name, count] : part.identifiers) identifiers[name] += count;
  if (identifiers.size() > tally_limits::identifiers) forget_rare_identifiers();
}

void tally::forget_rare_identifiers() {
  for (std::uint64_t rare = 1; identifiers.size() > tally_limits::identifiers / 2; rare *= 2)
    std::erase_if(identifiers, [&](const auto& each) { return each.second <= rare; });
}

std::vector<std::pair<std::string, std::uint64_t>> most_frequent(const identifier_counts& counts,
                                                                 std::size_t most) {
  std::vector<std::pair<std::string, std::uint64_t>> all(counts.begin(), counts.end());
  const auto kept = std::min(most, all.size());
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(all.begin(), end, all.end(), [](const auto& a, const auto& b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  all.resize(kept);
  return all;
}

std::string to_text(const tally& counts) {
  std::string text{first_line};
  text += '\n';
  each_count(counts, [&](std::string_view name, std::uint64_t value) {
    text.append(name).append(" ").append(std::to_string(value)).append("\n");
  });
  for (const auto& one : counts.unread_files)
    text.append("unread ").append(one.why).append("\t").append(one.path).append("\n");
  for (const auto& line : counts.longest)
    text.append("long ")
        .append(std::to_string(line.bytes))
        .append(" ")
        .append(std::to_string(line.number))
        .append(" ")
        .append(line.path)
        .append("\n");
  for (const auto& [name, count] : most_frequent(counts.identifiers, counts.identifiers.size()))
    text.append("id ").append(std::to_string(count)).append(" ").append(name).append("\n");
  return text += "end\n";
}

core::outcome<tally> tally_from_text(std::string_view text) {
  tally counts;
  if (cut(text, '\n') != first_line)
    return core::contract_violation("not a survey result of this version");
  while (!text.empty()) {
    const auto line = cut(text, '\n');
    if (line == "end") return counts;
    if (!read_line(line, counts))
      return core::contract_violation("not a line of a survey result: " + shown(line));
  }
  return core::contract_violation("a survey result that does not end with 'end'");
}

std::string shown(std::string_view name) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  while (!name.empty()) {
    const auto size = printable(name);
    if (size == 0) {
      const auto byte = static_cast<unsigned char>(name.front());
      text.append("\\x") += digits[byte >> 4];
      text += digits[byte & 15];
    } else if (name.front() == '\\') {
      text += "\\\\";
    } else {
      text += name.substr(0, size);
    }
    name.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

}  // namespace agentpool::tools
