#include <rapidcheck.h>

#include "actors/remote/filter_bench.hpp"
#include "support/catch.hpp"

using namespace agentpool::testing;
using namespace agentpool::actors::remote;

namespace {

std::uint64_t actor() { return *rc::gen::element<std::uint64_t>(5, 10, 42); }

/// Any sound frame of a peer that knows the published actor 10.
bytes sound_frame() {
  switch (*rc::gen::inRange(0, 6)) {
    case 0: return heartbeat();
    case 1: return watch(node(2), node(1), 10);
    case 2: return end_of(node(2), node(1), actor(), error("@str", writer{}.text("why").out));
    case 3: return response(actor(), 10, content("@error", error("")));
    case 4: return message(actor(), 10, content(""));
    default: return text_message(actor(), 10, *rc::gen::arbitrary<std::string>());
  }
}

bytes sound_stream() {
  auto all = client_handshakes(node(2));
  const auto frames = *rc::gen::inRange(0, 8);
  for (int i = 0; i < frames; ++i) all = all + sound_frame();
  return all;
}

/// What becomes of a stream: what of it went on, and why it ended.
using fate = std::pair<bytes, std::optional<ending>>;

fate in_one_piece(const bytes& stream) {
  filter_bench at{side::accepted};
  at.outward(server_handshake(node(1), 10)).inward(stream);
  return {at.in.passed, at.refused};
}

fate in_pieces(const bytes& stream) {
  filter_bench at{side::accepted};
  at.outward(server_handshake(node(1), 10));
  std::size_t begin = 0;
  while (begin < stream.size()) {
    const auto size = std::min(*rc::gen::inRange<std::size_t>(1, 50), stream.size() - begin);
    const auto from = stream.begin() + static_cast<std::ptrdiff_t>(begin);
    at.inward({from, from + static_cast<std::ptrdiff_t>(size)});
    begin += size;
  }
  return {at.in.passed, at.refused};
}

}  // namespace

TEST_CASE("a sound stream passes whole, however it is cut") {
  CHECK(rc::check("sound", [] {
    const auto stream = sound_stream();
    RC_ASSERT(in_one_piece(stream) == fate(stream, std::nullopt));
    RC_ASSERT(in_pieces(stream) == fate(stream, std::nullopt));
  }));
}

TEST_CASE("a spoilt stream has the same fate, however it is cut") {
  CHECK(rc::check("spoilt", [] {
    auto stream = sound_stream();
    const auto spoils = *rc::gen::inRange(1, 4);
    for (int i = 0; i < spoils; ++i)
      stream[*rc::gen::inRange<std::size_t>(0, stream.size())] ^=
          static_cast<std::byte>(*rc::gen::inRange(1, 256));
    RC_ASSERT(in_one_piece(stream) == in_pieces(stream));
  }));
}

TEST_CASE("of any bytes nothing goes on before a handshake") {
  CHECK(rc::check("noise", [] {
    const auto noise = *rc::gen::container<bytes>(rc::gen::map(
        rc::gen::inRange(0, 256), [](int value) { return static_cast<std::byte>(value); }));
    const auto [passed, refused] = in_one_piece(noise);
    RC_ASSERT(passed.empty());
    RC_ASSERT(refused.has_value() || noise.size() < 2 * (basp_header_size + basp_node_size));
  }));
}

TEST_CASE("whatever a peer sends, a message reaches the actors it was shown alone") {
  CHECK(rc::check("reach", [] {
    auto stream = client_handshakes(node(2));
    const auto frames = *rc::gen::inRange(1, 8);
    for (int i = 0; i < frames; ++i)
      stream = stream + text_message(1, *rc::gen::inRange<std::uint64_t>(0, 20), "hello");
    const auto passed = in_one_piece(stream).first;
    for (std::size_t at = client_handshakes(node(2)).size(); at < passed.size();) {
      const auto header = read_basp_header(byte_view{passed}.subspan(at));
      RC_ASSERT(header.dest_actor == 10U);
      at += basp_header_size + header.payload_size;
    }
  }));
}

TEST_CASE("the filter never asks for more than its lookahead") {
  CHECK(rc::check("lookahead", [] {
    filter_bench at{side::dialled};
    at.outward(client_handshake(node(1), 0));
    const auto size = *rc::gen::inRange<std::size_t>(0, 70'000);
    at.inward(header({.operation = 0, .data = 3}, static_cast<std::uint32_t>(size)) +
              writer{}.node(node(2)).number(0, 1).raw(bytes(size)).out);
    RC_ASSERT(at.refused.has_value() || at.in.undecided.size() < basp_filter::lookahead_max);
  }));
}
