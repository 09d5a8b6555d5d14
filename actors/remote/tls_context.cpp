#include "actors/remote/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace agentpool::actors::remote {

namespace {

/// Authenticated, with forward secrecy; TLS 1.3 has no others.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL";

struct file_closer {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

core::agent_error about(const std::string& what, const std::string& path, const std::string& why) {
  return core::host_configuration_needed("the " + what + " " + path + " " + why);
}

core::outcome<void> readable(const std::string& what, const std::string& path) {
  if (path.empty()) return core::host_configuration_needed("TLS needs a file: the " + what);
  const std::unique_ptr<std::FILE, file_closer> file{std::fopen(path.c_str(), "re")};
  if (!file) return about(what, path, std::string{"cannot be read: "} + std::strerror(errno));
  return {};
}

core::outcome<void> all_readable(const tls_files& files) {
  if (auto found = readable("certificate", files.certificate); !found) return found.error();
  if (auto found = readable("key", files.key); !found) return found.error();
  return readable("authority", files.authority);
}

/// Never asks at the terminal for a passphrase.
int no_passphrase(char*, int, int, void*) { return 0; }

core::outcome<void> load(SSL_CTX* context, const tls_files& files) {
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    return about("certificate", files.certificate, "is no PEM certificate: " + tls_fault());
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const auto fault = ERR_GET_REASON(ERR_peek_error());
    if (fault == X509_R_KEY_VALUES_MISMATCH || fault == X509_R_KEY_TYPE_MISMATCH) {
      ERR_clear_error();
      return about("key", files.key, "is not that of the certificate " + files.certificate);
    }
    return about("key", files.key, "is no PEM key without a passphrase: " + tls_fault());
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return about("key", files.key, "is not that of the certificate " + files.certificate);
  }
  if (SSL_CTX_load_verify_locations(context, files.authority.c_str(), nullptr) != 1)
    return about("authority", files.authority, "is no PEM certificate: " + tls_fault());
  return {};
}

struct store_context_deleter {
  void operator()(X509_STORE_CTX* context) const noexcept { X509_STORE_CTX_free(context); }
};

/// As a peer will look at it, on either side.
core::outcome<void> verify_own(SSL_CTX* context, const tls_files& files) {
  for (const auto* purpose : {"ssl_client", "ssl_server"}) {
    const std::unique_ptr<X509_STORE_CTX, store_context_deleter> check{X509_STORE_CTX_new()};
    STACK_OF(X509)* between = nullptr;
    SSL_CTX_get0_chain_certs(context, &between);
    if (!check || X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context),
                                      SSL_CTX_get0_certificate(context), between) != 1)
      return about("certificate", files.certificate, "cannot be checked: " + tls_fault());
    X509_STORE_CTX_set_default(check.get(), purpose);
    if (X509_verify_cert(check.get()) == 1) continue;
    const auto code = X509_STORE_CTX_get_error(check.get());
    ERR_clear_error();
    const std::string why = X509_verify_cert_error_string(code);
    if (X509_STORE_CTX_get_error_depth(check.get()) > 0 &&
        (code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID))
      return about("authority", files.authority, "is not valid now: " + why);
    return about("certificate", files.certificate,
                 "is not accepted under the authority " + files.authority + ": " + why);
  }
  return {};
}

void tighten(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, ciphers);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
}

}  // namespace

void tls_deleter::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void tls_deleter::operator()(ssl_st* session) const noexcept { SSL_free(session); }
void tls_deleter::operator()(x509_st* certificate) const noexcept { X509_free(certificate); }

core::outcome<std::shared_ptr<const tls_context>> tls_context::make(const tls_files& files) {
  if (auto found = all_readable(files); !found) return found.error();
  auto made = std::make_shared<tls_context>();
  made->context_.reset(SSL_CTX_new(TLS_method()));
  if (!made->context_)
    return core::host_configuration_needed("OpenSSL cannot be used: " + tls_fault());
  if (auto loaded = load(made->context_.get(), files); !loaded) return loaded.error();
  tighten(made->context_.get());
  if (auto valid = verify_own(made->context_.get(), files); !valid) return valid.error();
  return std::shared_ptr<const tls_context>{std::move(made)};
}

tls_session_pointer tls_context::session(bool accepted) const {
  tls_session_pointer made{SSL_new(context_.get())};
  if (!made) return made;
  if (accepted) {
    SSL_set_accept_state(made.get());
  } else {
    SSL_set_connect_state(made.get());
  }
  return made;
}

std::string subject_of(const x509_st* certificate) {
  if (certificate == nullptr) return {};
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new(BIO_s_mem()), &BIO_free};
  if (!text) return {};
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* start = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &start);
  return {start, static_cast<std::size_t>(size)};
}

bool serves(x509_st* certificate, const std::string& host) {
  if (X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0) return true;
  return X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1 ||
         X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
}

std::string tls_fault() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

}  // namespace agentpool::actors::remote
