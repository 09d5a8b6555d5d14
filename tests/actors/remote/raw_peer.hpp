// A peer that is no node: it writes and reads bytes.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actors/remote/frames.hpp"
#include "agentpool/actors/remote/transport_options.hpp"

namespace agentpool::testing {

/// A TCP connection to 127.0.0.1, plain or under TLS. Blocks, but for no longer than a test may.
class raw_peer {
 public:
  /// Plain.
  explicit raw_peer(std::uint16_t port);
  /// Under TLS with this certificate, or none; `ciphers` of TLS 1.2 if given.
  raw_peer(std::uint16_t port, const std::optional<actors::remote::tls_files>& files,
           const std::string& ciphers = {});
  ~raw_peer();
  raw_peer(raw_peer&& other) noexcept;
  raw_peer& operator=(raw_peer&&) = delete;

  /// Whether the TLS handshake came to its end on this side.
  [[nodiscard]] bool secured() const noexcept { return secured_; }
  /// False when the other side takes no more.
  bool send(const bytes& what);
  /// The next frame; empty when the connection ended.
  [[nodiscard]] bytes frame();
  /// Reads until the other side closes; false when it does not.
  [[nodiscard]] bool closed();
  /// The other side's node and its published actor, after saying our handshakes as `self`.
  struct greeting {
    actors::remote::basp_node node{};
    std::uint64_t published = 0;
  };
  [[nodiscard]] greeting greet(const actors::remote::basp_node& self);
  /// Its address, as the other side sees it.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] int descriptor() const noexcept { return socket_; }

 private:
  [[nodiscard]] long read(std::byte* into, std::size_t size);
  [[nodiscard]] bool read_all(bytes& into, std::size_t size);

  int socket_ = -1;
  bool secured_ = false;
  std::shared_ptr<ssl_ctx_st> context_;
  std::shared_ptr<ssl_st> session_;
};

}  // namespace agentpool::testing
