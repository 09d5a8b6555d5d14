#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "actors/remote/basp_filter.hpp"
#include "actors/remote/relay_buffer.hpp"
#include "actors/remote/wire_stream.hpp"

namespace agentpool::actors::remote {

/// What a relay has carried, shared by all of them.
struct relay_traffic {
  std::atomic<std::uint64_t> bytes_inward{0};
  std::atomic<std::uint64_t> bytes_outward{0};
  std::atomic<std::uint64_t> frames_inward{0};
  std::atomic<std::uint64_t> frames_outward{0};
  std::atomic<std::uint64_t> frames_omitted{0};
};

/// What becomes of a peer that has said which node it is.
struct name_verdict {
  std::optional<ending> refused;
  bool held = false;  ///< It says nothing more to CAF before `relay::release`.
};

/// One connection: carries bytes between a peer and the end of a socket pair whose other end CAF
/// has, as far as the filter lets them. Never blocks and never waits: `pump` does what can be done
/// now and says what to wait for. `tick` is called every `tick_length`; deadlines are counted in
/// ticks and not read from a clock, so that a process that was stopped for a while blames nobody.
class relay {
 public:
  struct bounds {
    std::size_t buffer_bytes = 0;
    std::size_t frames_per_tick = 0;  ///< From the peer; beyond, it is not read until the next.
    std::size_t bytes_per_tick = 0;
    unsigned silent_ticks = 0;   ///< Without a byte from the peer.
    unsigned stalled_ticks = 0;  ///< Without a byte taken by the peer while some wait.
  };
  /// What the relay tells while it pumps; both must not call back.
  struct events {
    /// The peer has said which node it is.
    std::function<name_verdict(const basp_node&)> named;
    /// A frame of ours was left out, as the peer would not have taken it.
    std::function<void(ending)> omitted;
  };
  /// What there is to wait for.
  struct wishes {
    bool peer_read = false;
    bool peer_write = false;
    bool local_read = false;
    bool local_write = false;
    bool again = false;  ///< There is more to do at once; others should have their turn first.
    std::optional<ending> over;
  };

  relay(wire_stream& peer, int local, basp_filter& filter, bounds limits, events tell,
        relay_traffic& traffic);

  [[nodiscard]] wishes pump();
  /// Counts a tick and lets the rates start anew. `again` when the peer had to wait for that;
  /// over when a deadline is.
  [[nodiscard]] wishes tick();
  /// Lets a peer that was held go on; to be followed by a pump.
  void release();
  [[nodiscard]] bool held() const noexcept { return held_.has_value(); }
  /// Why the stream failed, when it did.
  [[nodiscard]] const std::string& fault() const noexcept { return peer_.fault(); }

 private:
  void pump_inward(wishes& want);
  void pump_outward(wishes& want);
  [[nodiscard]] bool write_local(wishes& want);
  [[nodiscard]] bool write_peer(wishes& want);
  [[nodiscard]] bool read_peer(wishes& want, std::size_t& budget);
  [[nodiscard]] bool read_local(wishes& want, std::size_t& budget);
  void decide_inward(wishes& want);
  void decide_outward(wishes& want);
  [[nodiscard]] bool throttled() const noexcept;
  void count();

  wire_stream& peer_;
  int local_;
  basp_filter& filter_;
  bounds limits_;
  events tell_;
  relay_traffic& traffic_;
  relay_buffer inward_;
  relay_buffer outward_;
  bool named_ = false;
  std::optional<std::size_t> held_;  ///< So many bytes have passed the filter and wait.
  bool peer_ended_ = false;
  bool local_ended_ = false;
  bool heard_ = false;  ///< Since the last tick, or not listened for.
  bool taken_ = false;  ///< Since the last tick, or nothing to take.
  unsigned quiet_ticks_ = 0;
  unsigned waiting_ticks_ = 0;
  std::size_t bytes_due_ = 0;  ///< Taken from the peer, less what the ticks have allowed since.
  std::size_t frames_due_ = 0;
  std::uint64_t counted_inward_ = 0;
  std::uint64_t counted_outward_ = 0;
};

}  // namespace agentpool::actors::remote
