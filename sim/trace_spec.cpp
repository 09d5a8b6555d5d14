#include "agentpool/sim/trace_spec.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "sim/trace_tokens.hpp"

namespace agentpool::sim {

namespace {

using check = std::function<match_result(const trace&)>;

constexpr std::string_view verb_list =
    "in_order, before, exactly, at_least, at_most, never, within or always";

/// A pattern all of whose variables have a value in `first`.
trace_pattern read_bound(token_cursor& from, const trace_pattern& first) {
  const auto column = from.peek().column;
  auto pattern = read_pattern(from);
  const auto& bound = first.variables();
  for (const auto& name : pattern.variables())
    if (!std::binary_search(bound.begin(), bound.end(), name))
      throw text_fault{column, "$" + printable(name) + " has no value in '" + first.text() + "'"};
  return pattern;
}

void skip_comma(token_cursor& from) {
  if (from.peek().kind == token_kind::comma) from.take();
}

std::size_t read_count(token_cursor& from) {
  const auto word = from.take();
  std::size_t count = 0;
  const char* const end = word.text.data() + word.text.size();
  const auto [read, fault] = std::from_chars(word.text.data(), end, count);
  if (word.kind != token_kind::word || fault != std::errc{} || read != end)
    throw text_fault{word.column, "a whole number should stand here, not " + described(word)};
  return count;
}

/// "50ms", "2s", "100us".
std::chrono::microseconds read_time(token_cursor& from) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> units{
      {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"min", 60'000'000}}};
  const auto word = from.take();
  std::uint32_t count = 0;
  const char* const end = word.text.data() + word.text.size();
  const auto [read, fault] = std::from_chars(word.text.data(), end, count);
  const std::string_view unit{read, static_cast<std::size_t>(end - read)};
  for (const auto& [name, micros] : units)
    if (word.kind == token_kind::word && fault == std::errc{} && unit == name)
      return std::chrono::microseconds{count * micros};
  throw text_fault{word.column, "a time such as 50ms should stand here (us, ms, s, min), not " +
                                    described(word)};
}

check read_in_order(token_cursor& from) {
  std::vector<trace_pattern> patterns{read_pattern(from)};
  while (from.peek().kind == token_kind::comma) {
    from.take();
    patterns.push_back(read_bound(from, patterns.front()));
  }
  if (patterns.size() == 1)
    throw text_fault{from.peek().column,
                     "',' and another message should stand here, not " + described(from.peek())};
  return [patterns](const trace& what) { return in_order(what, patterns); };
}

check read_before(token_cursor& from) {
  const auto column = from.peek().column;
  const auto earlier = read_pattern(from);
  skip_comma(from);
  const auto later = read_pattern(from);
  const auto& bound = later.variables();
  for (const auto& name : earlier.variables())
    if (!std::binary_search(bound.begin(), bound.end(), name))
      throw text_fault{column, "$" + printable(name) + " has no value in '" + later.text() + "'"};
  return [earlier, later](const trace& what) { return before(what, earlier, later); };
}

check read_never(token_cursor& from) {
  const auto column = from.peek().column;
  const auto unwanted = read_pattern(from);
  if (!from.took("between")) return [unwanted](const trace& what) { return never(what, unwanted); };
  const auto opening = read_pattern(from);
  from.need("and");
  const auto closing = read_bound(from, opening);
  const auto& bound = opening.variables();
  for (const auto& name : unwanted.variables())
    if (!std::binary_search(bound.begin(), bound.end(), name))
      throw text_fault{column, "$" + printable(name) + " has no value in '" + opening.text() + "'"};
  return [unwanted, opening, closing](const trace& what) {
    return never_between(what, unwanted, opening, closing);
  };
}

check read_within(token_cursor& from) {
  const auto time = read_time(from);
  const auto first = read_pattern(from);
  if (from.peek().kind != token_kind::arrow)
    throw text_fault{from.peek().column, "'->' should stand here, not " + described(from.peek())};
  from.take();
  const auto then = read_bound(from, first);
  return [time, first, then](const trace& what) { return within(what, time, first, then); };
}

check read_always(token_cursor& from) {
  const auto first = read_pattern(from);
  from.need("followed_by");
  const auto then = read_bound(from, first);
  return [first, then](const trace& what) { return followed_by(what, first, then); };
}

template <class Matcher>
check read_counted(token_cursor& from, Matcher matcher) {
  const auto count = read_count(from);
  const auto pattern = read_pattern(from);
  return [matcher, count, pattern](const trace& what) { return matcher(what, count, pattern); };
}

check read_statement(token_cursor& from) {
  const auto verb = from.take();
  check read;
  if (verb.is_word("in_order")) read = read_in_order(from);
  if (verb.is_word("before")) read = read_before(from);
  if (verb.is_word("exactly")) read = read_counted(from, exactly);
  if (verb.is_word("at_least")) read = read_counted(from, at_least);
  if (verb.is_word("at_most")) read = read_counted(from, at_most);
  if (verb.is_word("never")) read = read_never(from);
  if (verb.is_word("within")) read = read_within(from);
  if (verb.is_word("always")) read = read_always(from);
  if (!read)
    throw text_fault{verb.column,
                     std::string{verb_list} + " should stand here, not " + described(verb)};
  from.need_end();
  return read;
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return printable(text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin));
}

}  // namespace

core::outcome<std::vector<trace_statement>> parse_spec(std::string_view text,
                                                       std::string_view name) {
  std::vector<trace_statement> statements;
  const auto fault_at = [name](std::size_t line, std::size_t column, const std::string& what) {
    return core::contract_violation(printable(name) + ":" + std::to_string(line) + ":" +
                                    std::to_string(column) + ": " + what);
  };
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto here = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    try {
      auto tokens = tokens_of(here);
      if (tokens.front().kind == token_kind::end) continue;
      token_cursor from{std::move(tokens)};
      auto holds = read_statement(from);
      statements.push_back({number, trimmed(here), std::move(holds)});
    } catch (const text_fault& fault) {
      return fault_at(number, fault.column, fault.what);
    }
  }
  if (statements.empty()) return fault_at(1, 1, "there is no statement");
  return statements;
}

}  // namespace agentpool::sim
