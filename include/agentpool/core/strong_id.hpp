#pragma once

#include <compare>
#include <functional>
#include <iosfwd>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace agentpool::core {

/// Bytes an identifier may have at most.
inline constexpr std::size_t identifier_bytes_max = 512;

/// Says which rule `text` breaks and at which byte; empty when it is a valid identifier:
/// valid UTF-8, not empty, at most `identifier_bytes_max` bytes, no U+0000–1F, no U+007F–9F.
[[nodiscard]] std::string identifier_fault(std::string_view text);

/// Thrown where an identifier is made from text that breaks a rule; `what()` names type and rule.
class bad_identifier : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

namespace detail {
void require_identifier(std::string_view type, std::string_view text);
}

/// A checked identifier of one kind. Two kinds never mix. The default value is empty and stands
/// for "not set yet"; every other value passed the rules. Printing it shows its type only.
template <class Tag>
class strong_id {
 public:
  strong_id() = default;

  /// Throws `bad_identifier` when `text` breaks a rule of `identifier_fault`.
  explicit strong_id(std::string text) : text_{std::move(text)} {
    detail::require_identifier(Tag::type, text_);
  }
  explicit strong_id(std::string_view text) : strong_id{std::string{text}} {}
  explicit strong_id(const char* text) : strong_id{std::string{text}} {}

  /// The text itself. Call it only where the identifier has to leave the program.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// True for the default value alone.
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  /// The kind's name, as in the record tables.
  [[nodiscard]] static constexpr std::string_view type() noexcept { return Tag::type; }

  friend bool operator==(const strong_id&, const strong_id&) = default;
  friend std::strong_ordering operator<=>(const strong_id& a, const strong_id& b) noexcept {
    return a.text_.compare(b.text_) <=> 0;
  }
  friend std::ostream& operator<<(std::ostream& out, const strong_id&) {
    return out << Tag::type << "(redacted)";
  }

 private:
  std::string text_;
};

/// True for every `strong_id`.
template <class T>
inline constexpr bool is_strong_id = false;
template <class Tag>
inline constexpr bool is_strong_id<strong_id<Tag>> = true;

}  // namespace agentpool::core

template <class Tag>
struct std::hash<agentpool::core::strong_id<Tag>> {
  std::size_t operator()(const agentpool::core::strong_id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.text());
  }
};
