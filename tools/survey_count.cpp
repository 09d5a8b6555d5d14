#include "survey_count.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace agentpool::tools {

namespace {

constexpr bool white(unsigned char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

constexpr bool digit(unsigned char byte) { return byte >= '0' && byte <= '9'; }

constexpr bool in_identifier(unsigned char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || digit(byte);
}

template <class Predicate>
constexpr std::array<bool, 256> table(Predicate holds) {
  std::array<bool, 256> made{};
  for (std::size_t byte = 0; byte < made.size(); ++byte)
    made[byte] = holds(static_cast<unsigned char>(byte));
  return made;
}

constexpr auto is_white = table(white);
constexpr auto is_in_identifier = table(in_identifier);

bool identifier_goes_on(char byte) { return is_in_identifier[static_cast<unsigned char>(byte)]; }

}  // namespace

file_counter::file_counter(std::string path) : path_{std::move(path)} { counts_.files = 1; }

void file_counter::take(std::string_view piece) {
  look_for_nul(piece);
  take_lines(piece);
  take_words(piece);
  if (!binary_) take_identifiers(piece);
  counts_.bytes += piece.size();
}

void file_counter::look_for_nul(std::string_view piece) {
  if (binary_ || counts_.bytes >= text_probe_bytes) return;
  const auto probe = piece.substr(0, text_probe_bytes - counts_.bytes);
  if (probe.find('\0') == std::string_view::npos) return;
  binary_ = true;
  counts_.longest.clear();
  counts_.identifiers.clear();
}

void file_counter::take_lines(std::string_view piece) {
  for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
    line_bytes_ += end;
    end_line();
    ++counts_.lines;
    piece.remove_prefix(end + 1);
  }
  line_bytes_ += piece.size();
}

void file_counter::end_line() {
  const auto bytes = std::exchange(line_bytes_, 0);
  const auto& longest = counts_.longest;
  const bool room = longest.size() < tally_limits::longest_lines;
  // Within a file a later line of the same length comes after: no need to make its record.
  if (binary_ || (!room && bytes <= longest.back().bytes)) return;
  counts_.add_line({bytes, path_, counts_.lines + 1});
}

void file_counter::take_words(std::string_view piece) {
  bool inside = in_word_;
  std::uint64_t begun = 0;
  for (const char byte : piece) {
    const bool now = !is_white[static_cast<unsigned char>(byte)];
    begun += now && !inside;
    inside = now;
  }
  in_word_ = inside;
  counts_.words += begun;
}

void file_counter::take_identifiers(std::string_view piece) {
  auto at = piece.begin();
  while (at != piece.end()) {
    const auto end = std::find_if_not(at, piece.end(), identifier_goes_on);
    // One byte more than allowed tells that it is too long.
    const auto room = tally_limits::identifier_bytes + 1 - open_identifier_.size();
    open_identifier_.append(at, at + std::min<std::ptrdiff_t>(end - at, std::ptrdiff_t(room)));
    if (end == piece.end()) return;
    end_identifier();
    at = std::find_if(end, piece.end(), identifier_goes_on);
  }
}

void file_counter::end_identifier() {
  const auto size = open_identifier_.size();
  if (size > 0 && size <= tally_limits::identifier_bytes &&
      !digit(static_cast<unsigned char>(open_identifier_.front())))
    counts_.add_identifier(open_identifier_);
  open_identifier_.clear();
}

tally file_counter::finish() {
  if (line_bytes_ > 0) end_line();
  if (!binary_) end_identifier();
  counts_.binary_files = binary_ ? 1 : 0;
  return std::move(counts_);
}

}  // namespace agentpool::tools
