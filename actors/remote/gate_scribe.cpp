#include "actors/remote/gate_scribe.hpp"

#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/make_counted.hpp>
#include <caf/policy/tcp.hpp>
#include <utility>

namespace agentpool::actors::remote {

namespace {

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
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
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
  /// Beyond any descriptor.
  static caf::io::connection_handle next_handle() {
    static std::atomic<std::int64_t> next{std::int64_t{1} << 40U};
    return caf::io::connection_handle::from_int(next.fetch_add(1));
  }

  bool launched_ = false;
  caf::io::network::stream_impl<caf::policy::tcp> stream_;
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
