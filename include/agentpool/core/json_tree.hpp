#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"

/// Parsed JSON, made for reading records: one flat array, no copies of plain strings.
namespace agentpool::core {

enum class json_kind : std::uint8_t { null, boolean, number, string, list, object };

namespace detail {

/// A value and, when it is a member, its key. The values inside it follow it directly.
struct json_node {
  std::string_view key;
  std::string_view text;   ///< A string without its escapes; everything else as it came.
  std::uint32_t size = 0;  ///< Values directly inside it.
  std::uint32_t end = 0;   ///< Index of the first node that is not inside it.
  json_kind kind{};
};

}  // namespace detail

/// One value of a tree; good while its tree lives. Asking for what it is not is a caller's bug.
class json_value {
 public:
  class iterator {
   public:
    explicit iterator(const detail::json_node* node, const detail::json_node* nodes) noexcept
        : node_{node}, nodes_{nodes} {}
    json_value operator*() const noexcept { return {node_, nodes_}; }
    iterator& operator++() noexcept {
      node_ = nodes_ + node_->end;
      return *this;
    }
    friend bool operator==(const iterator&, const iterator&) = default;

   private:
    const detail::json_node* node_;
    const detail::json_node* nodes_;
  };

  json_value(const detail::json_node* node, const detail::json_node* nodes) noexcept
      : node_{node}, nodes_{nodes} {}

  [[nodiscard]] json_kind kind() const noexcept { return node_->kind; }
  [[nodiscard]] bool is(json_kind kind) const noexcept { return node_->kind == kind; }
  [[nodiscard]] bool is_null() const noexcept { return is(json_kind::null); }

  /// The text of a string, escapes resolved; the digits and signs of a number as they came.
  [[nodiscard]] std::string_view text() const noexcept { return node_->text; }
  [[nodiscard]] bool boolean() const noexcept { return node_->text == "true"; }

  /// The key of a member of an object.
  [[nodiscard]] std::string_view key() const noexcept { return node_->key; }

  /// How many elements or members there are.
  [[nodiscard]] std::size_t size() const noexcept { return node_->size; }
  [[nodiscard]] iterator begin() const noexcept { return iterator{node_ + 1, nodes_}; }
  [[nodiscard]] iterator end() const noexcept { return iterator{nodes_ + node_->end, nodes_}; }

  /// The member with that key; none in what is not an object. Linear in the members.
  [[nodiscard]] std::optional<json_value> find(std::string_view name) const noexcept;

  /// The value as it came, without white space between tokens.
  [[nodiscard]] std::string compact() const;

 private:
  const detail::json_node* node_;
  const detail::json_node* nodes_;
};

/// A whole text, parsed. Moving it keeps its values good.
class json_tree {
 public:
  [[nodiscard]] json_value root() const noexcept { return {nodes_.data(), nodes_.data()}; }

 private:
  friend class json_parser;

  std::vector<char> source_;
  std::vector<char> unescaped_;  ///< Strings that had escapes; reserved once, never moved.
  std::vector<detail::json_node> nodes_;
};

/// Parses a whole text: RFC 8259, valid UTF-8, nesting at most `json_depth_max`, no key twice in
/// one object. The error is a contract violation that says what is wrong and at which byte.
[[nodiscard]] outcome<json_tree> parse_json(std::string_view text);

/// Appends `text` as a JSON string, escaped as compact JSON does it.
void write_json_string(std::string& out, std::string_view text);

}  // namespace agentpool::core
