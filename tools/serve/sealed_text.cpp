#include "sealed_text.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <memory>

#include "tools/base64.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

struct free_cipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using cipher = std::unique_ptr<EVP_CIPHER_CTX, free_cipher>;

using key_bytes = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

key_bytes key_of(std::string_view secret) {
  const std::string all = "agentpool sealed text\n" + std::string{secret};
  key_bytes key{};
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), key.data());
  return key;
}

unsigned char* bytes(std::string& text, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::optional<std::string> sealed(std::string_view text, std::string_view secret) {
  const auto key = key_of(secret);
  std::string out(nonce_bytes + text.size() + tag_bytes, '\0');
  if (RAND_bytes(bytes(out), nonce_bytes) != 1) return std::nullopt;
  const cipher context{EVP_CIPHER_CTX_new()};
  int length = 0;
  const bool done =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(out)) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes(out, nonce_bytes), &length, bytes(text),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), bytes(out, nonce_bytes + text.size()), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes,
                          bytes(out, nonce_bytes + text.size())) == 1;
  if (!done) return std::nullopt;
  return to_base64(out);
}

std::optional<std::string> unsealed(std::string_view text, std::string_view secret) {
  auto in = from_base64(text);
  if (!in || in->size() < nonce_bytes + tag_bytes) return std::nullopt;
  const auto key = key_of(secret);
  const auto size = in->size() - nonce_bytes - tag_bytes;
  std::string out(size, '\0');
  const cipher context{EVP_CIPHER_CTX_new()};
  int length = 0;
  const bool done =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes(*in)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes(out), &length, bytes(*in, nonce_bytes),
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes,
                          bytes(*in, nonce_bytes + size)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(out, size), &length) == 1;
  if (!done) return std::nullopt;
  return out;
}

}  // namespace agentpool::tools
