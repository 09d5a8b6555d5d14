#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

#include "agentpool/actors/remote/transport_options.hpp"

namespace agentpool::actors::remote {

struct tls_deleter {
  void operator()(ssl_ctx_st* context) const noexcept;
  void operator()(ssl_st* session) const noexcept;
  void operator()(x509_st* certificate) const noexcept;
};
using tls_context_pointer = std::unique_ptr<ssl_ctx_st, tls_deleter>;
using tls_session_pointer = std::unique_ptr<ssl_st, tls_deleter>;
using certificate_pointer = std::unique_ptr<x509_st, tls_deleter>;

/// What TLS sessions are made from: this node's certificate and the authority that both sides have
/// to be certified by. No session is resumed, so every connection is checked in full.
class tls_context {
 public:
  /// Reads and checks the files: they exist and parse, the key is the certificate's, the authority
  /// signed it, and neither has expired. An error names the file.
  [[nodiscard]] static core::outcome<std::shared_ptr<const tls_context>> make(
      const tls_files& files);

  /// A session of the side that accepted, or of the one that connected.
  [[nodiscard]] tls_session_pointer session(bool accepted) const;

 private:
  tls_context_pointer context_;
};

/// The certificate's subject, "CN=node-1"; "" without a certificate.
[[nodiscard]] std::string subject_of(const x509_st* certificate);

/// Whether the certificate may serve under `host`. One that names no hosts serves under any: then
/// membership is all that it says.
[[nodiscard]] bool serves(x509_st* certificate, const std::string& host);

/// What OpenSSL says of its latest failure in this thread; empties its list.
[[nodiscard]] std::string tls_fault();

}  // namespace agentpool::actors::remote
