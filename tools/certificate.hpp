#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

struct certificate_deleter {
  void operator()(x509_st* certificate) const noexcept;
  void operator()(evp_pkey_st* key) const noexcept;
};

/// A certificate and its private key.
struct certified_key {
  std::unique_ptr<x509_st, certificate_deleter> certificate;
  std::unique_ptr<evp_pkey_st, certificate_deleter> key;
};

/// A new P-256 key that certifies itself, and may sign certificates but no authorities.
[[nodiscard]] core::outcome<certified_key> new_authority(const std::string& name,
                                                         std::uint64_t days);

/// A new P-256 key certified by `authority` for both ends of TLS; `hosts` are DNS names and IP
/// addresses. It ends with the authority if that is sooner.
[[nodiscard]] core::outcome<certified_key> new_member(const certified_key& authority,
                                                      const std::string& name, std::uint64_t days,
                                                      const std::vector<std::string>& hosts);

/// Reads both from PEM texts; an error does not say which file it was.
[[nodiscard]] core::outcome<certified_key> read_certified_key(const std::string& certificate,
                                                              const std::string& key);

/// The PEM texts of the certificate and of the key.
[[nodiscard]] std::string certificate_text(const certified_key& of);
[[nodiscard]] std::string key_text(const certified_key& of);

/// Its last moment, as OpenSSL prints it: "Jan 31 08:05:09 2027 GMT".
[[nodiscard]] std::string valid_until(const certified_key& of);

}  // namespace agentpool::tools
