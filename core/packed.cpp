#include "packed.hpp"

#include "record_index.hpp"

namespace agentpool::core {

namespace {

constexpr std::size_t fixed_bytes = 8;

}  // namespace

void packed_writer::number(std::uint64_t value) {
  while (value >= 0x80) {
    out_->push_back(static_cast<char>(value | 0x80));
    value >>= 7U;
  }
  out_->push_back(static_cast<char>(value));
}

void packed_writer::fixed(std::uint64_t value) {
  char bytes[fixed_bytes];
  for (auto& byte : bytes) {
    byte = static_cast<char>(value);
    value >>= 8U;
  }
  out_->append(bytes, fixed_bytes);
}

void packed_writer::text(std::string_view value) {
  number(value.size());
  out_->append(value);
}

void packed_writer::seal(std::size_t begin) {
  fixed(stable_hash(std::string_view{*out_}.substr(begin)));
}

packed_reader packed_reader::checked(std::string_view sealed) {
  if (sealed.size() < fixed_bytes) throw packed_fault{"too short"};
  const auto content = sealed.substr(0, sealed.size() - fixed_bytes);
  if (packed_reader{sealed.substr(content.size())}.fixed() != stable_hash(content))
    throw packed_fault{"its hash is another"};
  return packed_reader{content};
}

std::uint64_t packed_reader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (in_.empty()) throw packed_fault{"it ends too early"};
    const auto byte = static_cast<unsigned char>(in_.front());
    in_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) return value;
  }
  throw packed_fault{"a number has no end"};
}

std::uint64_t packed_reader::fixed() {
  if (in_.size() < fixed_bytes) throw packed_fault{"it ends too early"};
  std::uint64_t value = 0;
  for (std::size_t i = fixed_bytes; i > 0; --i)
    value = value << 8U | static_cast<unsigned char>(in_[i - 1]);
  in_.remove_prefix(fixed_bytes);
  return value;
}

std::string_view packed_reader::text() {
  const auto size = number();
  if (size > in_.size()) throw packed_fault{"it ends too early"};
  const auto value = in_.substr(0, size);
  in_.remove_prefix(size);
  return value;
}

}  // namespace agentpool::core
