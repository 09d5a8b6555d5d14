#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "actors/remote/tls_context.hpp"

namespace agentpool::actors::remote {

/// What a step on a stream that never blocks came to.
enum class wire_state : std::uint8_t {
  done,         ///< `bytes` went.
  would_read,   ///< Not before the descriptor can be read.
  would_write,  ///< Not before the descriptor can be written.
  ended,        ///< The other side has closed it.
  failed,       ///< `fault` says why; the stream is of no more use.
};

struct wire_result {
  wire_state state = wire_state::failed;
  std::size_t bytes = 0;
};

/// A connected socket, plain or under TLS, that is never waited for. Owns neither the descriptor
/// nor a thread. With TLS the handshake has to come to `done` before anything else.
/// SIGPIPE has to be blocked in the thread that writes.
class wire_stream {
 public:
  /// Plain.
  explicit wire_stream(int descriptor) : descriptor_{descriptor} {}
  /// Under TLS. `host` is what was dialled, and has to be served by the other side's certificate;
  /// empty for a connection that was accepted.
  wire_stream(int descriptor, const tls_context& tls, std::string host);

  [[nodiscard]] wire_result handshake();
  [[nodiscard]] wire_result read(std::span<std::byte> into);
  [[nodiscard]] wire_result write(std::span<const std::byte> from);
  /// Tells the other side that no more will come, if that can be done at once.
  void say_end();

  /// The subject of the other side's certificate, after the handshake; "" when plain.
  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  [[nodiscard]] wire_result tls_result(int code);
  [[nodiscard]] wire_result system_result(std::ptrdiff_t moved, wire_state again);
  [[nodiscard]] wire_result check_peer();

  int descriptor_;
  tls_session_pointer tls_;
  std::string host_;
  std::string subject_;
  std::string fault_;
};

}  // namespace agentpool::actors::remote
