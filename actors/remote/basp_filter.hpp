#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>

#include "actors/remote/actor_roll.hpp"
#include "actors/remote/basp_content.hpp"
#include "actors/remote/basp_frame.hpp"
#include "actors/remote/ending.hpp"

namespace agentpool::actors::remote {

/// Who opened the connection.
enum class side : std::uint8_t { accepted, dialled };

/// What is to be done with the front of a stream.
struct filter_step {
  enum class kind : std::uint8_t {
    pass,    ///< `bytes` of it go on.
    omit,    ///< `bytes` of it are left out; `why`, if not `closed_here`, should be told once.
    wait,    ///< Nothing can be said before more has come.
    refuse,  ///< The connection ends, for the reason `why`.
  };
  kind what = kind::wait;
  std::size_t bytes = 0;
  ending why = ending::closed_here;
};

/// Stands between a peer and CAF and knows what either may say now. Pure: bytes in, steps out; how
/// the stream was cut makes no difference. Looks at headers and the first bytes of payloads only,
/// so it never asks for more than `lookahead_max` bytes at once.
///
/// Inward, from the peer: first the handshake; then heartbeats, messages and watches for actors
/// that this peer was shown (the published one, and whoever sent to it), and word of the end of
/// its own actors. Everything else ends the connection.
///
/// Outward, from CAF: what the peer's filter would refuse is left out, so that a mistake here
/// costs a message and not the connection. So are CAF's questions for its spawn server, which it
/// asks every new node; and the handshake of a dialler goes out only once CAF has chosen this
/// connection, so that a second one to the same node never replaces the first.
class basp_filter {
 public:
  static constexpr std::size_t lookahead_max = (64U << 10U) + basp_header_size;

  /// `published` are this node's published actors, which every peer may address. The filter of an
  /// accepted connection enters the one that CAF shows there.
  basp_filter(side opened, std::shared_ptr<const filter_rules> rules,
              std::shared_ptr<actor_roll> published);

  /// What to do with `front`, that comes from the peer and is not decided yet.
  [[nodiscard]] filter_step inward(byte_view front);
  /// What to do with `front`, that comes from CAF and is not decided yet.
  [[nodiscard]] filter_step outward(byte_view front);

  /// The peer's node, known from its handshake on: before the step that passes it on is acted on.
  [[nodiscard]] const std::optional<basp_node>& peer() const noexcept { return peer_; }
  /// Both sides have said their handshakes.
  [[nodiscard]] bool open() const noexcept { return open_; }
  /// From now on uses a roll that outlives this connection, and enters what it has in it.
  void share(std::shared_ptr<actor_roll> shown);

  [[nodiscard]] std::uint64_t frames_inward() const noexcept { return inward_.frames; }
  [[nodiscard]] std::uint64_t frames_outward() const noexcept { return outward_.frames; }

 private:
  /// A direction; `left` bytes of the frame under way are decided.
  struct flow {
    std::size_t left = 0;
    filter_step::kind doing = filter_step::kind::pass;
    std::uint64_t frames = 0;
  };
  struct frame {
    basp_header header;
    byte_view bytes;  ///< From its header on, with whatever follows.
    [[nodiscard]] payload_reader payload() const {
      return {bytes.subspan(basp_header_size), header.payload_size};
    }
  };

  static filter_step whole(flow& of, filter_step::kind what, const frame& seen,
                           ending why = ending::closed_here);
  static filter_step settled(flow& of, filter_step::kind what, std::size_t total, byte_view front,
                             ending why = ending::closed_here);
  static std::optional<filter_step> under_way(flow& of, byte_view front);

  filter_step client_handshakes(flow& of, const frame& seen, std::optional<basp_node>& node);
  filter_step server_handshake(flow& of, const frame& seen, std::optional<basp_node>& node);
  filter_step inward_open(const frame& seen);
  filter_step inward_message(const frame& seen);
  filter_step inward_watch(const frame& seen);
  filter_step inward_end(const frame& seen);
  filter_step outward_open(const frame& seen);
  filter_step outward_message(const frame& seen);
  [[nodiscard]] bool nodes_match(payload_reader& payload) const;
  [[nodiscard]] bool may_address(std::uint64_t actor);
  [[nodiscard]] bool counts_sender(std::uint64_t actor);

  side opened_;
  std::shared_ptr<const filter_rules> rules_;
  std::shared_ptr<actor_roll> published_;
  std::shared_ptr<actor_roll> shown_;
  std::unordered_set<std::uint64_t> senders_;  ///< The peer's actors for which CAF keeps a proxy.
  std::uint64_t latest_sender_ = 0;
  std::optional<basp_node> peer_;
  std::optional<basp_node> own_;
  bool open_ = false;
  flow inward_;
  flow outward_;
};

}  // namespace agentpool::actors::remote
