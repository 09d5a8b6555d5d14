#include "agentpool/core/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "agentpool/core/strong_id.hpp"

namespace agentpool::core {

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"SHA-256 is not available"};
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  out.reserve(std::size_t{2} * length);
  for (unsigned i = 0; i < length; ++i) {
    out += hex[digest[i] >> 4];
    out += hex[digest[i] & 15];
  }
  return out;
}

std::string derived_id(std::string_view prefix, std::string_view id, std::string_view suffix) {
  const bool fits = prefix.size() + id.size() + suffix.size() <= identifier_bytes_max;
  std::string text{prefix};
  text += fits ? std::string{id} : sha256_hex(id);
  text += suffix;
  return text;
}

}  // namespace agentpool::core
