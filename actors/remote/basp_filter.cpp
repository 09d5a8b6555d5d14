#include "actors/remote/basp_filter.hpp"

#include <algorithm>
#include <utility>

namespace agentpool::actors::remote {

namespace {

using kind = filter_step::kind;

constexpr std::size_t handshake_bytes_max = basp_filter::lookahead_max - basp_header_size;
constexpr std::size_t application_ids_max = 64;
constexpr std::size_t signatures_max = 4'096;
constexpr std::size_t text_max = 16U << 10U;

filter_step refuse(ending why) { return {kind::refuse, 0, why}; }

bool is(const basp_header& header, basp_operation what) {
  return header.operation == static_cast<std::uint8_t>(what);
}

bool is_known_operation(const basp_header& header) {
  return header.operation <= static_cast<std::uint8_t>(basp_operation::heartbeat);
}

/// The end of a payload that cannot be read: more is needed, or it never will.
filter_step unreadable(const payload_reader& payload) {
  return payload.wants_more() ? filter_step{} : refuse(ending::malformed);
}

/// Reads `most` texts at most; false when there are more or they cannot be read.
bool skip_texts(payload_reader& payload, std::size_t most) {
  const auto count = payload.varbyte();
  if (!count || *count > most) return false;
  for (std::uint32_t i = 0; i < *count; ++i)
    if (!payload.text(text_max)) return false;
  return true;
}

}  // namespace

basp_filter::basp_filter(side opened, std::shared_ptr<const filter_rules> rules,
                         std::shared_ptr<actor_roll> published)
    : opened_{opened},
      rules_{std::move(rules)},
      published_{std::move(published)},
      shown_{std::make_shared<actor_roll>(rules_->known_actors_max)} {}

void basp_filter::share(std::shared_ptr<actor_roll> shown) {
  shown->merge(*shown_);
  shown_ = std::move(shown);
}

filter_step basp_filter::settled(flow& of, kind what, std::size_t total, byte_view front,
                                 ending why) {
  const auto now = std::min(total, front.size());
  of.left = total - now;
  of.doing = what;
  ++of.frames;
  return {what, now, why};
}

filter_step basp_filter::whole(flow& of, kind what, const frame& seen, ending why) {
  return settled(of, what, basp_header_size + seen.header.payload_size, seen.bytes, why);
}

std::optional<filter_step> basp_filter::under_way(flow& of, byte_view front) {
  if (front.empty()) return filter_step{};
  if (of.left > 0) {
    const auto now = std::min(of.left, front.size());
    of.left -= now;
    return filter_step{of.doing, now};
  }
  if (front.size() < basp_header_size) return filter_step{};
  return {};
}

filter_step basp_filter::inward(byte_view front) {
  if (const auto step = under_way(inward_, front)) return *step;
  const frame seen{read_basp_header(front), front};
  if (!is_known_operation(seen.header) || seen.header.padding != 0)
    return refuse(ending::malformed);
  if (seen.header.payload_size > rules_->message_bytes_max) return refuse(ending::too_large);
  if (peer_) return inward_open(seen);
  if (opened_ == side::accepted) return client_handshakes(inward_, seen, peer_);
  return server_handshake(inward_, seen, peer_);
}

filter_step basp_filter::outward(byte_view front) {
  if (const auto step = under_way(outward_, front)) return *step;
  const frame seen{read_basp_header(front), front};
  if (own_) return outward_open(seen);
  if (opened_ == side::accepted) return server_handshake(outward_, seen, own_);
  return client_handshakes(outward_, seen, own_);
}

/// A client says its node twice: when it has connected, and once its CAF has chosen the
/// connection. The two go on together.
filter_step basp_filter::client_handshakes(flow& of, const frame& seen,
                                           std::optional<basp_node>& node) {
  constexpr auto size = basp_header_size + basp_node_size;
  // Our own handshake went first, or is on its way here: it is needed to tell us from the peer.
  if (&of == &inward_ && !own_) return {};
  std::optional<basp_node> said;
  for (const auto flags : {std::uint8_t{0}, basp_select_connection}) {
    const auto begin = flags == 0 ? 0 : size;
    if (seen.bytes.size() < begin + basp_header_size) return {};
    const auto here = seen.bytes.subspan(begin);
    const auto header = read_basp_header(here);
    if (!is(header, basp_operation::client_handshake)) return refuse(ending::out_of_turn);
    if (header.payload_size != basp_node_size || header.flags != flags || header.padding != 0 ||
        header.operation_data != 0 || header.source_actor != 0 || header.dest_actor != 0)
      return refuse(ending::malformed);
    payload_reader payload{here.subspan(basp_header_size), header.payload_size};
    const auto read = payload.node();
    if (!read) return unreadable(payload);
    if (said && *said != *read) return refuse(ending::wrong_node);
    said = read;
  }
  if (said == peer_ || said == own_) return refuse(ending::wrong_node);
  node = said;
  open_ = true;
  return settled(of, kind::pass, 2 * size, seen.bytes);
}

/// The node that was dialled names itself and the actor that it publishes.
filter_step basp_filter::server_handshake(flow& of, const frame& seen,
                                          std::optional<basp_node>& node) {
  const auto& header = seen.header;
  if (!is(header, basp_operation::server_handshake)) return refuse(ending::out_of_turn);
  if (header.flags != 0 || header.padding != 0 || header.operation_data != basp_version ||
      header.source_actor != 0 || header.dest_actor != 0)
    return refuse(ending::malformed);
  if (header.payload_size > handshake_bytes_max) return refuse(ending::too_large);
  auto payload = seen.payload();
  const auto said = payload.node();
  if (!said || !skip_texts(payload, application_ids_max)) return unreadable(payload);
  const auto published = payload.number(8);
  if (!published || !skip_texts(payload, signatures_max) || !payload.at_end())
    return unreadable(payload);
  if (&of == &outward_) published_->add(*published);
  node = said;
  return whole(of, kind::pass, seen);
}

filter_step basp_filter::inward_open(const frame& seen) {
  switch (static_cast<basp_operation>(seen.header.operation)) {
    case basp_operation::server_handshake:
    case basp_operation::client_handshake: return refuse(ending::out_of_turn);
    case basp_operation::direct_message: return inward_message(seen);
    case basp_operation::routed_message: return refuse(ending::routed);
    case basp_operation::monitor_message: return inward_watch(seen);
    case basp_operation::down_message: return inward_end(seen);
    case basp_operation::heartbeat: break;
  }
  const auto& header = seen.header;
  if (header.flags != 0 || header.payload_size != 0 || header.operation_data != 0 ||
      header.source_actor != 0 || header.dest_actor != 0)
    return refuse(ending::malformed);
  return whole(inward_, kind::pass, seen);
}

filter_step basp_filter::inward_message(const frame& seen) {
  const auto& header = seen.header;
  if ((header.flags & basp_named_receiver) != 0) return refuse(ending::named);
  if (header.flags != 0 || header.dest_actor == 0) return refuse(ending::malformed);
  if (!may_address(header.dest_actor)) return refuse(ending::stranger_addressed);
  auto payload = seen.payload();
  switch (judge_message(payload, header.operation_data, *rules_)) {
    case content_verdict::good: break;
    case content_verdict::unfinished: return {};
    case content_verdict::malformed: return refuse(ending::malformed);
    case content_verdict::refused: return refuse(ending::type_refused);
  }
  if (!counts_sender(header.source_actor)) return refuse(ending::too_many_actors);
  return whole(inward_, kind::pass, seen);
}

filter_step basp_filter::inward_watch(const frame& seen) {
  const auto& header = seen.header;
  if (header.flags != 0 || header.source_actor != 0 || header.operation_data != 0 ||
      header.payload_size != 2 * basp_node_size)
    return refuse(ending::malformed);
  if (!may_address(header.dest_actor)) return refuse(ending::stranger_addressed);
  auto payload = seen.payload();
  if (!nodes_match(payload)) {
    return payload.wants_more() ? filter_step{} : refuse(ending::wrong_node);
  }
  return whole(inward_, kind::pass, seen);
}

filter_step basp_filter::inward_end(const frame& seen) {
  const auto& header = seen.header;
  if (header.flags != 0 || header.source_actor == 0 || header.dest_actor != 0 ||
      header.operation_data != 0)
    return refuse(ending::malformed);
  auto payload = seen.payload();
  if (!nodes_match(payload)) {
    return payload.wants_more() ? filter_step{} : refuse(ending::wrong_node);
  }
  switch (judge_error(payload, *rules_)) {
    case content_verdict::good: break;
    case content_verdict::unfinished: return {};
    case content_verdict::malformed: return refuse(ending::malformed);
    case content_verdict::refused: return refuse(ending::type_refused);
  }
  senders_.erase(header.source_actor);
  if (latest_sender_ == header.source_actor) latest_sender_ = 0;
  return whole(inward_, kind::pass, seen);
}

/// CAF acts for the nodes that such a frame names, whoever sent it.
bool basp_filter::nodes_match(payload_reader& payload) const {
  const auto from = payload.node();
  if (!from || *from != *peer_) return false;
  const auto to = payload.node();
  return to && own_ && *to == *own_;
}

bool basp_filter::may_address(std::uint64_t actor) {
  return shown_->knows(actor) || published_->knows(actor);
}

/// CAF keeps a proxy for every sender until it hears of its end.
bool basp_filter::counts_sender(std::uint64_t actor) {
  if (actor == 0 || actor == latest_sender_) return true;
  if (!senders_.contains(actor)) {
    if (senders_.size() >= rules_->known_actors_max) return false;
    senders_.insert(actor);
  }
  latest_sender_ = actor;
  return true;
}

filter_step basp_filter::outward_open(const frame& seen) {
  if (!is_known_operation(seen.header)) return refuse(ending::malformed);
  switch (static_cast<basp_operation>(seen.header.operation)) {
    case basp_operation::server_handshake:
    case basp_operation::client_handshake: return refuse(ending::out_of_turn);
    case basp_operation::direct_message: return outward_message(seen);
    case basp_operation::routed_message: return whole(outward_, kind::omit, seen, ending::routed);
    case basp_operation::monitor_message:
    case basp_operation::down_message:
    case basp_operation::heartbeat: break;
  }
  return whole(outward_, kind::pass, seen);
}

filter_step basp_filter::outward_message(const frame& seen) {
  const auto& header = seen.header;
  if ((header.flags & basp_named_receiver) != 0) return whole(outward_, kind::omit, seen);
  if (header.payload_size > rules_->message_bytes_max)
    return whole(outward_, kind::omit, seen, ending::too_large);
  auto payload = seen.payload();
  switch (judge_message(payload, header.operation_data, *rules_)) {
    case content_verdict::good: break;
    case content_verdict::unfinished: return {};
    case content_verdict::malformed: return refuse(ending::malformed);
    case content_verdict::refused: return whole(outward_, kind::omit, seen, ending::type_refused);
  }
  shown_->add(header.source_actor);
  return whole(outward_, kind::pass, seen);
}

}  // namespace agentpool::actors::remote
