#include "actors/remote/frames.hpp"

#include <cstring>

namespace agentpool::testing {

using namespace actors::remote;

namespace {

std::uint8_t code(basp_operation what) { return static_cast<std::uint8_t>(what); }

}  // namespace

writer& writer::number(std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i > 0; --i)
    out.push_back(static_cast<std::byte>((value >> (8 * (i - 1))) & 0xFFU));
  return *this;
}

writer& writer::text(std::string_view value) {
  auto size = value.size();
  for (; size >= 0x80; size >>= 7U) out.push_back(static_cast<std::byte>((size & 0x7FU) | 0x80U));
  out.push_back(static_cast<std::byte>(size));
  for (const auto letter : value) out.push_back(static_cast<std::byte>(letter));
  return *this;
}

writer& writer::raw(const bytes& more) {
  out.insert(out.end(), more.begin(), more.end());
  return *this;
}

writer& writer::node(const basp_node& which) {
  out.insert(out.end(), which.begin(), which.end());
  return *this;
}

bytes header(const frame_fields& fields, std::uint32_t payload_size) {
  return writer{}
      .number(fields.operation, 1)
      .number(0, 2)
      .number(fields.flags, 1)
      .number(payload_size, 4)
      .number(fields.data, 8)
      .number(fields.source, 8)
      .number(fields.dest, 8)
      .out;
}

bytes frame(const frame_fields& fields, const bytes& payload) {
  return header(fields, static_cast<std::uint32_t>(payload.size())) + payload;
}

basp_node node(std::uint8_t number) {
  const auto made = writer{}
                        .number(0x00003E9AAB9BAC79, 8)
                        .number(1000U + number, 4)
                        .raw(bytes(20, static_cast<std::byte>(number)))
                        .out;
  basp_node read{};
  std::memcpy(read.data(), made.data(), read.size());
  return read;
}

bytes client_handshake(const basp_node& self, std::uint8_t flags) {
  return frame({.operation = code(basp_operation::client_handshake), .flags = flags},
               writer{}.node(self).out);
}

bytes client_handshakes(const basp_node& self) {
  return client_handshake(self, 0) + client_handshake(self, basp_select_connection);
}

bytes server_handshake(const basp_node& self, std::uint64_t published) {
  return frame({.operation = code(basp_operation::server_handshake), .data = basp_version},
               writer{}
                   .node(self)
                   .number(1, 1)
                   .text("generic-caf-app")
                   .number(published, 8)
                   .number(2, 1)
                   .text("replies_to<@str>::with<@str>")
                   .text("replies_to<@u64>::with<@u64>")
                   .out);
}

bytes content(std::string_view types, const bytes& values) {
  const auto names = types.empty() ? "@<>" : "@<>+" + std::string{types};
  return writer{}.number(0, 2).text(names).raw(values).out;
}

bytes error(std::string_view context_types, const bytes& context) {
  return writer{}.number(7, 1).number(0xfe3ee39ab2, 8).raw(content(context_types, context)).out;
}

bytes message(std::uint64_t source, std::uint64_t dest, const bytes& what, std::uint64_t id) {
  return frame({.operation = code(basp_operation::direct_message),
                .data = id,
                .source = source,
                .dest = dest},
               writer{}.number(0, 1).raw(what).out);
}

bytes response(std::uint64_t source, std::uint64_t dest, const bytes& what) {
  return message(source, dest, what, 0x9000000000000001);
}

bytes text_message(std::uint64_t source, std::uint64_t dest, std::string_view text) {
  return message(source, dest, content("@str", writer{}.text(text).out));
}

bytes watch(const basp_node& by, const basp_node& of, std::uint64_t actor) {
  return frame({.operation = code(basp_operation::monitor_message), .dest = actor},
               writer{}.node(by).node(of).out);
}

bytes end_of(const basp_node& from, const basp_node& to, std::uint64_t actor, const bytes& why) {
  return frame({.operation = code(basp_operation::down_message), .source = actor},
               writer{}.node(from).node(to).raw(why).out);
}

bytes heartbeat() { return frame({.operation = code(basp_operation::heartbeat)}); }

bytes operator+(bytes left, const bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace agentpool::testing
