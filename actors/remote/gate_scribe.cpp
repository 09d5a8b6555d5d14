#include "actors/remote/gate_scribe.hpp"

#include <algorithm>
#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/make_counted.hpp>
#include <caf/policy/tcp.hpp>
#include <cstring>
#include <utility>
#include <vector>

namespace agentpool::actors::remote {

namespace {

/// CAF asks for a header of 32 bytes, then for its payload: two calls of the system a message. This
/// takes what is there and serves the next requests from it.
class hoarding_reader {
 public:
  using state = caf::io::network::rw_state;
  using socket = caf::io::network::native_socket;

  state read_some(std::size_t& result, socket descriptor, void* into, std::size_t size) {
    if (begin_ == end_) {
      if (size >= hoard_bytes) return caf::policy::tcp::read_some(result, descriptor, into, size);
      hoard_.resize(hoard_bytes);
      std::size_t came = 0;
      const auto outcome =
          caf::policy::tcp::read_some(came, descriptor, hoard_.data(), hoard_.size());
      if (outcome != state::success) return outcome;
      begin_ = 0;
      end_ = came;
    }
    result = std::min(size, end_ - begin_);
    std::memcpy(into, hoard_.data() + begin_, result);
    begin_ += result;
    return state::success;
  }
  static state write_some(std::size_t& result, socket descriptor, const void* from,
                          std::size_t size) {
    return caf::policy::tcp::write_some(result, descriptor, from, size);
  }
  /// CAF reads on without waiting for the descriptor, which may have nothing more.
  [[nodiscard]] bool must_read_more(socket, std::size_t) const noexcept { return begin_ != end_; }

 private:
  static constexpr std::size_t hoard_bytes = 16U << 10U;

  std::vector<char> hoard_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// As CAF's own, but for the handle: CAF takes the descriptor's number for it and puts the end of a
/// connection off until its messages are delivered. A new connection with the same number would
/// then be taken for the old one, and its state be erased.
class gate_scribe final : public caf::io::scribe {
 public:
  gate_scribe(caf::io::network::default_multiplexer& multiplexer, int descriptor,
              std::string address)
      : scribe{next_handle()}, stream_{multiplexer, descriptor}, address_{std::move(address)} {}

  void configure_read(caf::io::receive_policy::config policy) override {
    stream_.configure_read(policy);
    if (!std::exchange(launched_, true)) stream_.start(this);
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  /// CAF never gives a buffer's memory back: one large message would be kept room for ever after.
  bool consume(caf::execution_unit* unit, const void* data, std::size_t size) override {
    const bool goes_on = scribe::consume(unit, data, size);
    relax(stream_.rd_buf());
    return goes_on;
  }
  std::vector<char>& wr_buf() override {
    if (stream_.wr_buf().empty()) relax(stream_.wr_buf());
    return stream_.wr_buf();
  }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  void flush() override { stream_.flush(this); }
  std::string addr() const override { return address_; }
  std::uint16_t port() const override { return 0; }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

 private:
  static constexpr std::size_t usual_bytes = 256U << 10U;

  static void relax(std::vector<char>& buffer) {
    if (buffer.capacity() > usual_bytes) std::vector<char>{}.swap(buffer);
  }
  /// Beyond any descriptor.
  static caf::io::connection_handle next_handle() {
    static std::atomic<std::int64_t> next{std::int64_t{1} << 40U};
    return caf::io::connection_handle::from_int(next.fetch_add(1));
  }

  bool launched_ = false;
  caf::io::network::stream_impl<hoarding_reader> stream_;
  std::string address_;
};

}  // namespace

caf::io::scribe_ptr make_gate_scribe(caf::actor_system& system, int descriptor,
                                     std::string address) {
  auto& backend =
      dynamic_cast<caf::io::network::default_multiplexer&>(system.middleman().backend());
  return caf::make_counted<gate_scribe>(backend, descriptor, std::move(address));
}

}  // namespace agentpool::actors::remote
