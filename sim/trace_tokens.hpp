#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentpool/sim/trace_pattern.hpp"

/// The words of patterns and specifications.
namespace agentpool::sim {

/// What is wrong in a line of text, and at which column (from 1, in characters).
struct text_fault {
  std::size_t column = 1;
  std::string what;
};

enum class token_kind : std::uint8_t { word, quoted, comma, equals, differs, arrow, end };

struct token {
  token_kind kind = token_kind::end;
  std::string text;  ///< Of a word; of a quoted text without quotes and escapes.
  std::size_t column = 1;

  [[nodiscard]] bool is_word(std::string_view wanted) const {
    return kind == token_kind::word && text == wanted;
  }
};

/// Cuts a line into tokens, the last one of kind `end`; `#` begins a comment. Throws `text_fault`.
[[nodiscard]] std::vector<token> tokens_of(std::string_view line);

/// Reads tokens one after the other.
class token_cursor {
 public:
  explicit token_cursor(std::vector<token> tokens) : tokens_{std::move(tokens)} {}

  [[nodiscard]] const token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  token take() {
    auto taken = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return taken;
  }
  /// Takes the next token if it is that word.
  bool took(std::string_view word) {
    if (!peek().is_word(word)) return false;
    take();
    return true;
  }
  /// Takes that word; throws `text_fault` when something else stands there.
  void need(std::string_view word);
  /// Throws `text_fault` when something is left.
  void need_end() const;

 private:
  std::vector<token> tokens_;
  std::size_t at_ = 0;
};

/// "'x'" or "the end of the line", for messages.
[[nodiscard]] std::string described(const token& what);

/// Reads "NAME [where KEY=VALUE [and KEY=VALUE]…]". Throws `text_fault`.
[[nodiscard]] trace_pattern read_pattern(token_cursor& from);

}  // namespace agentpool::sim
