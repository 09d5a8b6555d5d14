#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "actors/remote/basp_filter.hpp"

namespace {

using namespace agentpool::actors::remote;
using kind = filter_step::kind;

void hold(bool what) {
  if (!what) std::abort();
}

/// What a peer sent, as far as it went on, and why it ended.
struct fate {
  std::vector<std::byte> passed;
  std::optional<ending> refused;
  friend bool operator==(const fate&, const fate&) = default;
};

constexpr std::uint64_t published = 10;

/// Greeted by node 1, as CAF does it.
void greet(basp_filter& filter) {
  std::vector<std::byte> said(basp_header_size + 42);
  said[7] = std::byte{42};
  said[15] = std::byte{basp_version};
  constexpr unsigned char node[]{0x00, 0x00, 0x3E, 0x9A, 0xAB, 0x9B, 0xAC, 0x79, 0, 0, 0, 1, 1};
  for (std::size_t i = 0; i < sizeof node; ++i)
    said[basp_header_size + i] = static_cast<std::byte>(node[i]);
  said[basp_header_size + basp_node_size + 8] = std::byte{published};
  hold(filter.outward(said).what == kind::pass);
}

/// Feeds it in pieces of `piece` bytes.
fate fate_of(byte_view stream, std::size_t piece, bool dialled) {
  static const auto rules = std::make_shared<const filter_rules>(filter_rules{
      .message_bytes_max = 100'000, .known_actors_max = 64, .message_types = {"@str"}});
  basp_filter filter{dialled ? side::dialled : side::accepted, rules,
                     std::make_shared<actor_roll>(8)};
  if (!dialled) greet(filter);
  fate found;
  std::size_t begin = 0;
  for (std::size_t end = 0; end < stream.size();) {
    end = std::min(stream.size(), end + piece);
    for (;;) {
      const auto front = stream.subspan(begin, end - begin);
      const auto step = filter.inward(front);
      hold(step.bytes <= front.size());
      if (step.what == kind::wait) {
        hold(front.size() < basp_filter::lookahead_max);
        break;
      }
      if (step.what == kind::refuse) {
        found.refused = step.why;
        return found;
      }
      hold(step.bytes > 0 && step.what == kind::pass);  // nothing of a peer's is left out
      hold(filter.peer().has_value());                  // and nothing passes before a handshake
      found.passed.insert(found.passed.end(), front.begin(),
                          front.begin() + static_cast<std::ptrdiff_t>(step.bytes));
      begin += step.bytes;
    }
  }
  return found;
}

/// A peer's messages that went on were for the published actor.
void check_reach(byte_view passed) {
  while (passed.size() >= basp_header_size) {
    const auto header = read_basp_header(passed);
    if (header.operation == static_cast<std::uint8_t>(basp_operation::direct_message))
      hold(header.dest_actor == published);
    passed = passed.subspan(std::min(passed.size(), basp_header_size + header.payload_size));
  }
}

}  // namespace

/// Any bytes of a peer, after its handshake when the first of them is odd: the same fate however
/// they are cut, and nobody is reached who was not shown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool dialled = (data[0] & 2U) != 0;
  std::vector<std::byte> stream;
  if ((data[0] & 1U) != 0 && !dialled) {
    for (const auto flags : {std::uint8_t{0}, basp_select_connection}) {
      std::vector<std::byte> said(basp_header_size);
      said[0] = std::byte{1};
      said[3] = static_cast<std::byte>(flags);
      said[7] = std::byte{basp_node_size};
      constexpr unsigned char node[]{0x00, 0x00, 0x3E, 0x9A, 0xAB, 0x9B, 0xAC, 0x79, 0, 0, 0, 2, 2};
      for (const auto byte : node) said.push_back(static_cast<std::byte>(byte));
      said.resize(basp_header_size + basp_node_size);
      stream.insert(stream.end(), said.begin(), said.end());
    }
  }
  for (std::size_t i = 2; i < size; ++i) stream.push_back(static_cast<std::byte>(data[i]));
  const auto whole = fate_of(stream, stream.size() + 1, dialled);
  hold(whole == fate_of(stream, 1U + data[1], dialled));
  if (!dialled) check_reach(whole.passed);
  return 0;
}
