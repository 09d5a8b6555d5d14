#include "agentpool/core/json_tree.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "agentpool/core/json.hpp"
#include "agentpool/core/utf8.hpp"

namespace agentpool::core {

namespace {

/// Objects with more members are checked for repeated keys by sorting.
constexpr std::size_t pairwise_members_max = 16;

struct parse_fault {
  std::size_t at;
  const char* what;
};

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::vector<char>& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  const auto put_tail = [&](unsigned shift) { put(0x80 | ((point >> shift) & 0x3F)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | (point >> 6));
    return put_tail(0);
  }
  if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put_tail(6);
    return put_tail(0);
  }
  put(0xF0 | (point >> 18));
  put_tail(12);
  put_tail(6);
  put_tail(0);
}

}  // namespace

/// One pass over a text; throws `parse_fault`.
class json_parser {
 public:
  explicit json_parser(std::string_view text) {
    tree_.source_.assign(text.begin(), text.end());
    tree_.nodes_.reserve(text.size() / 16 + 1);
    text_ = {tree_.source_.data(), tree_.source_.size()};
  }

  json_tree parse() {
    if (text_.size() >= std::numeric_limits<std::uint32_t>::max())
      throw parse_fault{text_.size(), "is too long"};
    skip_space();
    value({}, 0);
    if (at_ != text_.size()) throw parse_fault{at_, "something follows the value"};
    return std::move(tree_);
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool skip(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    skip_space();
    return true;
  }
  void expect(char wanted, const char* what) {
    if (!skip(wanted)) throw parse_fault{at_, what};
  }

  /// Reads a value and the white space after it.
  void value(std::string_view key, int depth) {
    const std::size_t node = tree_.nodes_.size();
    const std::size_t from = at_;
    tree_.nodes_.emplace_back().key = key;
    const json_kind kind = contents(node, depth);
    auto& made = tree_.nodes_[node];
    made.kind = kind;
    made.end = static_cast<std::uint32_t>(tree_.nodes_.size());
    if (kind != json_kind::string) made.text = text_.substr(from, at_ - from);
    skip_space();
  }

  json_kind contents(std::size_t node, int depth) {
    switch (peek()) {
      case '{': return object(node, depth + 1);
      case '[': return list(node, depth + 1);
      case '"': tree_.nodes_[node].text = string(); return json_kind::string;
      case 't': return word("true", json_kind::boolean);
      case 'f': return word("false", json_kind::boolean);
      case 'n': return word("null", json_kind::null);
      default: return number();
    }
  }

  void enter(int depth) {
    if (depth > json_depth_max) throw parse_fault{at_, "nests too deep"};
    ++at_;
    skip_space();
  }

  json_kind object(std::size_t node, int depth) {
    enter(depth);
    std::uint32_t members = 0;
    while (peek() != '}') {
      if (members != 0) expect(',', "a comma or } is missing");
      if (peek() != '"') throw parse_fault{at_, "a key is missing"};
      const std::string_view key = string();
      skip_space();
      expect(':', "a colon is missing");
      value(key, depth);
      ++members;
    }
    refuse_repeated_keys(node, members);
    ++at_;
    tree_.nodes_[node].size = members;
    return json_kind::object;
  }

  json_kind list(std::size_t node, int depth) {
    enter(depth);
    std::uint32_t elements = 0;
    while (peek() != ']') {
      if (elements != 0) expect(',', "a comma or ] is missing");
      value({}, depth);
      ++elements;
    }
    ++at_;
    tree_.nodes_[node].size = elements;
    return json_kind::list;
  }

  json_kind word(std::string_view wanted, json_kind kind) {
    if (!text_.substr(at_).starts_with(wanted)) throw parse_fault{at_, "no value"};
    at_ += wanted.size();
    return kind;
  }

  json_kind number() {
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else
      digits();
    if (peek() == '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    return json_kind::number;
  }

  void digits() {
    if (!is_digit(peek())) throw parse_fault{at_, "no value"};
    while (is_digit(peek())) ++at_;
  }

  /// Reads a string; what it returns stays good as long as the tree.
  std::string_view string() {
    const std::size_t from = ++at_;
    skip_unescaped();
    if (peek() != '\\') return text_.substr(from, at_++ - from);
    auto& out = tree_.unescaped_;
    out.reserve(text_.size());
    const std::size_t start = out.size();
    std::size_t plain = from;
    while (peek() == '\\') {
      out.insert(out.end(), text_.begin() + static_cast<std::ptrdiff_t>(plain),
                 text_.begin() + static_cast<std::ptrdiff_t>(at_));
      escape(out);
      plain = at_;
      skip_unescaped();
    }
    out.insert(out.end(), text_.begin() + static_cast<std::ptrdiff_t>(plain),
               text_.begin() + static_cast<std::ptrdiff_t>(at_));
    ++at_;
    return {out.data() + start, out.size() - start};
  }

  /// Goes to the next quote or backslash.
  void skip_unescaped() {
    for (;;) {
      at_ = end_of_plain<'"', '\\'>(text_, at_);
      if (at_ == text_.size()) throw parse_fault{at_, "a string does not end"};
      const char c = text_[at_];
      if (c == '"' || c == '\\') return;
      if (static_cast<unsigned char>(c) < 0x20)
        throw parse_fault{at_, "a control character in a string"};
      const std::size_t bytes = utf8_sequence_bytes(text_, at_);
      if (bytes == 0) throw parse_fault{at_, "not valid UTF-8"};
      at_ += bytes;
    }
  }

  void escape(std::vector<char>& out) {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    const std::size_t from = at_++;
    const char name = peek();
    ++at_;
    if (const auto found = names.find(name); found != std::string_view::npos)
      return out.push_back(meant[found]);
    if (name != 'u') throw parse_fault{from, "an unknown escape"};
    std::uint32_t point = four_hex_digits();
    if (point >= 0xDC00 && point <= 0xDFFF) throw parse_fault{from, "half a surrogate pair"};
    if (point >= 0xD800 && point <= 0xDBFF) {
      const bool low_follows = text_.substr(at_).starts_with("\\u");
      at_ += 2;
      const std::uint32_t low = low_follows ? four_hex_digits() : 0;
      if (low < 0xDC00 || low > 0xDFFF) throw parse_fault{from, "half a surrogate pair"};
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, point);
  }

  std::uint32_t four_hex_digits() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      if (!is_digit(c) && (lower < 'a' || lower > 'f'))
        throw parse_fault{at_, "an escape without four hexadecimal digits"};
      value = value * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
    }
    return value;
  }

  /// The node of the member after `member`.
  [[nodiscard]] std::size_t next(std::size_t member) const { return tree_.nodes_[member].end; }

  void refuse_repeated_keys(std::size_t node, std::size_t members) {
    const auto repeated =
        members <= pairwise_members_max ? repeated_pairwise(node) : repeated_sorted(node, members);
    if (repeated) throw parse_fault{at_, "a key stands twice in the object that ends here"};
  }

  [[nodiscard]] bool repeated_pairwise(std::size_t node) const {
    const std::size_t last = tree_.nodes_.size();
    for (std::size_t a = node + 1; a < last; a = next(a))
      for (std::size_t b = next(a); b < last; b = next(b))
        if (tree_.nodes_[a].key == tree_.nodes_[b].key) return true;
    return false;
  }

  [[nodiscard]] bool repeated_sorted(std::size_t node, std::size_t members) const {
    std::vector<std::string_view> keys;
    keys.reserve(members);
    for (std::size_t a = node + 1; a < tree_.nodes_.size(); a = next(a))
      keys.push_back(tree_.nodes_[a].key);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
  }

  json_tree tree_;
  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<json_value> json_value::find(std::string_view name) const noexcept {
  if (!is(json_kind::object)) return std::nullopt;
  for (const json_value member : *this)
    if (member.key() == name) return member;
  return std::nullopt;
}

std::string json_value::compact() const {
  std::string out;
  if (is(json_kind::string)) {
    write_json_string(out, text());
    return out;
  }
  bool in_string = false;
  bool escaped = false;
  for (const char c : node_->text) {
    if (!in_string && is_space(c)) continue;
    out += c;
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = c == '\\' && !escaped;
  }
  return out;
}

outcome<json_tree> parse_json(std::string_view text) {
  try {
    return json_parser{text}.parse();
  } catch (const parse_fault& fault) {
    return contract_violation("not JSON: " + std::string{fault.what} + " (byte " +
                              std::to_string(fault.at) + ")");
  }
}

}  // namespace agentpool::core
