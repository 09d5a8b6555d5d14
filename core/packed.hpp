#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

/// Numbers and texts in few bytes, for what only this engine reads again.
namespace agentpool::core {

/// What was read is not what was written.
class packed_fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Appends to a text.
class packed_writer {
 public:
  explicit packed_writer(std::string& out) : out_{&out} {}

  /// Seven bits a byte, the lowest first: small numbers are short.
  void number(std::uint64_t value);
  /// Eight bytes, the lowest first.
  void fixed(std::uint64_t value);
  void text(std::string_view value);
  /// The hash of everything from `begin` on, for `packed_reader::checked`.
  void seal(std::size_t begin = 0);

 private:
  std::string* out_;
};

/// Reads what a `packed_writer` wrote. Throws `packed_fault` when there is less than asked for.
class packed_reader {
 public:
  explicit packed_reader(std::string_view in) : in_{in} {}

  /// A reader of what was sealed. Throws `packed_fault` when the hash is another.
  [[nodiscard]] static packed_reader checked(std::string_view sealed);

  [[nodiscard]] std::uint64_t number();
  [[nodiscard]] std::uint64_t fixed();
  [[nodiscard]] std::string_view text();
  [[nodiscard]] bool at_end() const noexcept { return in_.empty(); }

 private:
  std::string_view in_;
};

}  // namespace agentpool::core
