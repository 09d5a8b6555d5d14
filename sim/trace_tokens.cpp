#include "sim/trace_tokens.hpp"

#include <algorithm>
#include <array>

namespace agentpool::sim {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_word(char c) { return is_space(c) || c == ',' || c == '=' || c == '!' || c == '"'; }

/// Cuts one line; keeps where it is in characters.
class cutter {
 public:
  explicit cutter(std::string_view line) : line_{line} {}

  std::vector<token> run() {
    std::vector<token> found;
    while (skip_space()) found.push_back(next());
    found.push_back({token_kind::end, {}, column_of(at_)});
    return found;
  }

 private:
  /// False at the end of what is to be read.
  bool skip_space() {
    while (at_ < line_.size() && is_space(line_[at_])) ++at_;
    return at_ < line_.size() && line_[at_] != '#';
  }

  [[nodiscard]] std::size_t column_of(std::size_t byte) const {
    const auto before = line_.substr(0, byte);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
             return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
           }));
  }

  token next() {
    const auto column = column_of(at_);
    const auto rest = line_.substr(at_);
    if (rest.front() == '"') return quoted(column);
    for (const auto& [sign, kind] : signs) {
      if (!rest.starts_with(sign)) continue;
      at_ += sign.size();
      return {kind, std::string{sign}, column};
    }
    if (rest.front() == '!') throw text_fault{column, "'!' is nothing here; '!=' is"};
    const auto begin = at_;
    while (at_ < line_.size() && !ends_word(line_[at_])) ++at_;
    return {token_kind::word, std::string{line_.substr(begin, at_ - begin)}, column};
  }

  token quoted(std::size_t column) {
    token taken{token_kind::quoted, {}, column};
    for (++at_; at_ < line_.size() && line_[at_] != '"'; ++at_) {
      if (line_[at_] == '\\' && at_ + 1 < line_.size()) ++at_;
      taken.text += line_[at_];
    }
    if (at_ == line_.size()) throw text_fault{column, "the quote is not closed"};
    ++at_;
    return taken;
  }

  static constexpr std::array<std::pair<std::string_view, token_kind>, 4> signs{
      {{",", token_kind::comma},
       {"=", token_kind::equals},
       {"!=", token_kind::differs},
       {"->", token_kind::arrow}}};

  std::string_view line_;
  std::size_t at_ = 0;
};

trace_condition read_condition(token_cursor& from) {
  const auto key = from.take();
  if (key.kind != token_kind::word)
    throw text_fault{
        key.column,
        "from, to or the name of a fact such as run should stand here, not " + described(key)};
  const auto sign = from.take();
  if (sign.kind != token_kind::equals && sign.kind != token_kind::differs)
    throw text_fault{sign.column, "'=' or '!=' should stand here, not " + described(sign)};
  const auto value = from.take();
  if (value.kind != token_kind::word && value.kind != token_kind::quoted)
    throw text_fault{value.column, "a value should stand here, not " + described(value)};
  trace_condition read{key.text, value.text, sign.kind == token_kind::differs, false};
  read.exact = value.kind == token_kind::quoted;
  if (read.exact || !value.text.starts_with('$')) return read;
  if (read.differs) throw text_fault{value.column, "a variable goes with '=' only"};
  if (value.text.size() == 1) throw text_fault{value.column, "a variable needs a name after '$'"};
  read.variable = true;
  read.value.erase(0, 1);
  return read;
}

}  // namespace

std::vector<token> tokens_of(std::string_view line) { return cutter{line}.run(); }

void token_cursor::need(std::string_view word) {
  if (!took(word))
    throw text_fault{peek().column,
                     "'" + std::string{word} + "' should stand here, not " + described(peek())};
}

void token_cursor::need_end() const {
  if (peek().kind != token_kind::end)
    throw text_fault{peek().column, "nothing more should stand here, not " + described(peek())};
}

std::string described(const token& what) {
  if (what.kind == token_kind::end) return "the end of the line";
  const char* const quote = what.kind == token_kind::quoted ? "\"" : "'";
  return quote + printable(what.text) + quote;
}

trace_pattern read_pattern(token_cursor& from) {
  const auto name = from.take();
  if (name.kind != token_kind::word && name.kind != token_kind::quoted)
    throw text_fault{name.column,
                     "the name of a message should stand here, not " + described(name)};
  std::vector<trace_condition> conditions;
  if (from.took("where")) {
    conditions.push_back(read_condition(from));
    const auto another = [&from] {
      const auto sign = from.peek(2).kind;
      return from.peek().is_word("and") &&
             (sign == token_kind::equals || sign == token_kind::differs);
    };
    while (another()) {
      from.take();
      conditions.push_back(read_condition(from));
    }
  }
  return {name.text, std::move(conditions)};
}

}  // namespace agentpool::sim
