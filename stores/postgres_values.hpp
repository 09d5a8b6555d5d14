#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What goes to PostgreSQL and comes from it, in its binary form.
namespace agentpool::stores {

/// Types by their numbers, which never change.
enum class postgres_type : std::uint32_t {
  bytea = 17,
  int8 = 20,
  text = 25,
  bytea_array = 1001,
  text_array = 1009,
  int8_array = 1016,
};

/// A parameter of a statement.
struct postgres_value {
  postgres_type type = postgres_type::text;
  std::string bytes;
};

[[nodiscard]] postgres_value value(std::string_view text);
[[nodiscard]] postgres_value value(std::uint64_t number);
[[nodiscard]] postgres_value value_of_bytes(std::string_view bytes);

/// An array as a parameter, element by element.
class postgres_array {
 public:
  /// Of the array types.
  explicit postgres_array(postgres_type type);

  /// Of a text or bytea array.
  void add(std::string_view element);
  /// Of an int8 array.
  void add(std::uint64_t element);
  void add_null();

  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  /// The parameter; the array is of no more use afterwards.
  [[nodiscard]] postgres_value take();

 private:
  postgres_value value_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
};

/// The number in so many bytes of a result, 2, 4 or 8 of them.
[[nodiscard]] std::uint64_t number_in(std::string_view bytes);

}  // namespace agentpool::stores
