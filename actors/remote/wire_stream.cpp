#include "actors/remote/wire_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace agentpool::actors::remote {

wire_stream::wire_stream(int descriptor, const tls_context& tls, std::string host)
    : descriptor_{descriptor}, tls_{tls.session(host.empty())}, host_{std::move(host)} {
  if (tls_) SSL_set_fd(tls_.get(), descriptor);
  if (!tls_) fault_ = "OpenSSL has no memory for a session";
}

wire_result wire_stream::handshake() {
  if (!fault_.empty()) return {wire_state::failed};
  if (!tls_) return {wire_state::done};
  ERR_clear_error();
  const auto code = SSL_do_handshake(tls_.get());
  if (code == 1) return check_peer();
  const auto result = tls_result(code);
  if (result.state != wire_state::failed && result.state != wire_state::ended) return result;
  const auto verdict = SSL_get_verify_result(tls_.get());
  if (verdict != X509_V_OK) fault_ = X509_verify_cert_error_string(verdict);
  if (result.state == wire_state::ended) fault_ = "the connection was closed during it";
  return {wire_state::failed};
}

wire_result wire_stream::check_peer() {
  const certificate_pointer certificate{SSL_get1_peer_certificate(tls_.get())};
  subject_ = subject_of(certificate.get());
  if (!certificate || SSL_get_verify_result(tls_.get()) != X509_V_OK) {
    fault_ = "no valid certificate";
    return {wire_state::failed};
  }
  if (!host_.empty() && !serves(certificate.get(), host_)) {
    fault_ = "the certificate of " + subject_ + " is not for " + host_;
    return {wire_state::failed};
  }
  return {wire_state::done};
}

wire_result wire_stream::read(std::span<std::byte> into) {
  if (!tls_)
    return system_result(::recv(descriptor_, into.data(), into.size(), 0), wire_state::would_read);
  ERR_clear_error();
  std::size_t moved = 0;
  const auto code = SSL_read_ex(tls_.get(), into.data(), into.size(), &moved);
  if (code == 1) return {wire_state::done, moved};
  return tls_result(code);
}

wire_result wire_stream::write(std::span<const std::byte> from) {
  if (!tls_)
    return system_result(::send(descriptor_, from.data(), from.size(), MSG_NOSIGNAL),
                         wire_state::would_write);
  ERR_clear_error();
  std::size_t moved = 0;
  const auto code = SSL_write_ex(tls_.get(), from.data(), from.size(), &moved);
  if (code == 1) return {wire_state::done, moved};
  return tls_result(code);
}

void wire_stream::say_end() {
  ERR_clear_error();
  if (tls_ && SSL_is_init_finished(tls_.get()) == 1 && fault_.empty()) SSL_shutdown(tls_.get());
  ERR_clear_error();
}

wire_result wire_stream::tls_result(int code) {
  const auto system_fault = errno;
  switch (SSL_get_error(tls_.get(), code)) {
    case SSL_ERROR_WANT_READ: return {wire_state::would_read};
    case SSL_ERROR_WANT_WRITE: return {wire_state::would_write};
    case SSL_ERROR_ZERO_RETURN: return {wire_state::ended};
    case SSL_ERROR_SYSCALL:
      fault_ = system_fault != 0 ? std::strerror(system_fault) : "the connection was closed";
      return {wire_state::failed};
    default: fault_ = tls_fault(); return {wire_state::failed};
  }
}

wire_result wire_stream::system_result(std::ptrdiff_t moved, wire_state again) {
  if (moved > 0) return {wire_state::done, static_cast<std::size_t>(moved)};
  if (moved == 0) return {wire_state::ended};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {again};
  fault_ = std::strerror(errno);
  return {wire_state::failed};
}

}  // namespace agentpool::actors::remote
