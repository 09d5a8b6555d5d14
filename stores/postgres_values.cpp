#include "stores/postgres_values.hpp"

#include <utility>

namespace agentpool::stores {

namespace {

constexpr std::size_t header_bytes = 20;  // dimensions, nulls, type, length, first index

/// Most significant byte first.
void put(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<unsigned char>(number >> static_cast<unsigned>(shift)));
}

postgres_type element_of(postgres_type array) {
  switch (array) {
    case postgres_type::bytea_array: return postgres_type::bytea;
    case postgres_type::int8_array: return postgres_type::int8;
    case postgres_type::text_array: return postgres_type::text;
    case postgres_type::bytea:
    case postgres_type::int8:
    case postgres_type::text: break;
  }
  return array;
}

}  // namespace

postgres_value value(std::string_view text) { return {postgres_type::text, std::string{text}}; }

postgres_value value(std::uint64_t number) {
  postgres_value made{postgres_type::int8, {}};
  put(made.bytes, number, 8);
  return made;
}

postgres_value value_of_bytes(std::string_view bytes) {
  return {postgres_type::bytea, std::string{bytes}};
}

postgres_array::postgres_array(postgres_type type)
    : value_{type, std::string(header_bytes, '\0')} {}

void postgres_array::add(std::string_view element) {
  put(value_.bytes, element.size(), 4);
  value_.bytes += element;
  ++count_;
}

void postgres_array::add(std::uint64_t element) {
  put(value_.bytes, 8, 4);
  put(value_.bytes, element, 8);
  ++count_;
}

void postgres_array::add_null() {
  put(value_.bytes, UINT32_MAX, 4);
  has_null_ = true;
  ++count_;
}

postgres_value postgres_array::take() {
  std::string header;
  put(header, count_ == 0 ? 0 : 1, 4);
  put(header, has_null_ ? 1 : 0, 4);
  put(header, static_cast<std::uint32_t>(element_of(value_.type)), 4);
  if (count_ > 0) {
    put(header, count_, 4);
    put(header, 1, 4);
  }
  value_.bytes.replace(0, header_bytes, header);
  return std::move(value_);
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace agentpool::stores
