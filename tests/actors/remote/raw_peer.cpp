#include "actors/remote/raw_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace agentpool::testing {

using namespace actors::remote;

raw_peer::raw_peer(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  std::signal(SIGPIPE, SIG_IGN);
  const timeval wait_max{30, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait_max, sizeof wait_max);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait_max, sizeof wait_max);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error{"cannot connect"};
}

raw_peer::raw_peer(std::uint16_t port, const std::optional<tls_files>& files,
                   const std::string& ciphers)
    : raw_peer{port} {
  context_.reset(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (files) {
    SSL_CTX_use_certificate_file(context_.get(), files->certificate.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context_.get(), files->key.c_str(), SSL_FILETYPE_PEM);
  }
  if (!ciphers.empty()) {
    SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context_.get(), ciphers.c_str());
  }
  session_.reset(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(session_.get(), socket_);
  secured_ = SSL_connect(session_.get()) == 1;
}

raw_peer::~raw_peer() {
  session_.reset();
  if (socket_ >= 0) ::close(socket_);
}

raw_peer::raw_peer(raw_peer&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)},
      secured_{other.secured_},
      context_{std::move(other.context_)},
      session_{std::move(other.session_)} {}

bool raw_peer::send(const bytes& what) {
  if (session_)
    return SSL_write(session_.get(), what.data(), static_cast<int>(what.size())) ==
           static_cast<int>(what.size());
  std::size_t at = 0;
  while (at < what.size()) {
    const auto moved = ::send(socket_, what.data() + at, what.size() - at, MSG_NOSIGNAL);
    if (moved <= 0) return false;
    at += static_cast<std::size_t>(moved);
  }
  return true;
}

long raw_peer::read(std::byte* into, std::size_t size) {
  if (session_) return SSL_read(session_.get(), into, static_cast<int>(size));
  return ::recv(socket_, into, size, 0);
}

bool raw_peer::read_all(bytes& into, std::size_t size) {
  while (size > 0) {
    bytes part(size);
    const auto moved = read(part.data(), size);
    if (moved <= 0) return false;
    part.resize(static_cast<std::size_t>(moved));
    into = into + part;
    size -= part.size();
  }
  return true;
}

bytes raw_peer::frame() {
  bytes read;
  if (!read_all(read, basp_header_size)) return {};
  if (!read_all(read, read_basp_header(read).payload_size)) return {};
  return read;
}

bool raw_peer::closed() {
  bytes part(65'536);
  for (;;) {
    errno = 0;
    const auto moved = read(part.data(), part.size());
    if (moved > 0) continue;
    return errno != EAGAIN;
  }
}

raw_peer::greeting raw_peer::greet(const basp_node& self) {
  const auto said = frame();
  if (said.empty()) throw std::runtime_error{"no greeting"};
  payload_reader payload{byte_view{said}.subspan(basp_header_size), said.size() - basp_header_size};
  greeting found;
  found.node = payload.node().value();
  for (auto ids = payload.varbyte().value(); ids > 0; --ids) payload.text(1'000).value();
  found.published = payload.number(8).value();
  send(client_handshakes(self));
  return found;
}

std::string raw_peer::address() const {
  sockaddr_in self{};
  socklen_t size = sizeof self;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&self), &size);
  return "127.0.0.1:" + std::to_string(ntohs(self.sin_port));
}

}  // namespace agentpool::testing
