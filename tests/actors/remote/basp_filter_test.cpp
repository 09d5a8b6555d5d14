#include "actors/remote/filter_bench.hpp"
#include "support/catch.hpp"

using namespace agentpool::testing;
using namespace agentpool::actors::remote;

namespace {

std::uint8_t code(basp_operation what) { return static_cast<std::uint8_t>(what); }

/// Why a peer past its handshake is refused for these bytes; none when they pass.
std::optional<ending> refusal_of(const bytes& more, filter_rules rules = usual_rules()) {
  filter_bench at{side::accepted, std::move(rules)};
  at.greeted().inward(more);
  if (!at.refused) {
    CHECK(at.in.passed == more);
  } else {
    CHECK(at.in.passed.empty());
  }
  return at.refused;
}

/// The same for the first bytes of a peer.
std::optional<ending> first_refusal_of(const bytes& more) {
  filter_bench at{side::accepted};
  at.outward(server_handshake(node(1), 10)).inward(more);
  CHECK(at.in.passed.empty());
  return at.refused;
}

/// The same for the first bytes of whom we dialled.
std::optional<ending> first_answer_refusal_of(const bytes& more) {
  filter_bench at{side::dialled};
  at.outward(client_handshake(node(1), 0)).inward(more);
  return at.refused;
}

}  // namespace

TEST_CASE("a client that says its node twice is let in") {
  filter_bench at{side::accepted};
  at.outward(server_handshake(node(1), 10)).inward(client_handshakes(node(2)));
  CHECK(!at.refused);
  CHECK(at.in.passed == client_handshakes(node(2)));
  CHECK(at.filter.open());
  CHECK(at.filter.peer() == node(2));
}

TEST_CASE("the header of a handshake without its payload goes nowhere") {
  const frame_fields fields{.operation = code(basp_operation::client_handshake)};
  CHECK(first_refusal_of(header(fields, 0)) == ending::malformed);
  CHECK(first_refusal_of(header(fields, 32)) == std::nullopt);  // its payload may still come
  CHECK(first_refusal_of(header(fields, 33)) == ending::malformed);
}

TEST_CASE("a size of four gigabytes is refused by its header") {
  for (const auto operation : {1, 2, 4, 5}) {
    const frame_fields fields{.operation = static_cast<std::uint8_t>(operation), .dest = 10};
    CHECK(first_refusal_of(header(fields, 0xFFFFFFFF)) == ending::too_large);
    CHECK(refusal_of(header(fields, 0xFFFFFFFF)) == ending::too_large);
  }
}

TEST_CASE("nothing but a handshake comes first") {
  CHECK(first_refusal_of(heartbeat()) == ending::out_of_turn);
  CHECK(first_refusal_of(text_message(1, 10, "hello")) == ending::out_of_turn);
  CHECK(first_refusal_of(watch(node(2), node(1), 10)) == ending::out_of_turn);
  CHECK(first_refusal_of(server_handshake(node(2), 1)) == ending::out_of_turn);
  CHECK(first_refusal_of(client_handshake(node(2), 2)) == ending::malformed);
  CHECK(first_refusal_of(client_handshake(node(2), 0) + heartbeat()) == ending::out_of_turn);
  CHECK(first_refusal_of(bytes(40, std::byte{'G'})) == ending::malformed);
}

TEST_CASE("a handshake names one node, made as CAF makes them, and not ours") {
  CHECK(first_refusal_of(client_handshake(node(2), 0) + client_handshake(node(3), 2)) ==
        ending::wrong_node);
  CHECK(first_refusal_of(client_handshakes(node(1))) == ending::wrong_node);
  CHECK(first_refusal_of(client_handshakes(basp_node{})) == ending::malformed);
  auto no_host = node(2);
  std::fill(no_host.begin() + 12, no_host.end(), std::byte{0});
  CHECK(first_refusal_of(client_handshakes(no_host)) == ending::malformed);
  auto no_process = node(2);
  std::fill(no_process.begin() + 8, no_process.begin() + 12, std::byte{0});
  CHECK(first_refusal_of(client_handshakes(no_process)) == ending::malformed);
}

TEST_CASE("a client's handshake waits until ours is said") {
  filter_bench at{side::accepted};
  at.inward(client_handshakes(node(2)));
  CHECK(!at.filter.peer());
  CHECK(at.in.passed.empty());
  at.outward(server_handshake(node(1), 10));
  CHECK(at.in.passed == client_handshakes(node(2)));
}

TEST_CASE("a second handshake is refused") {
  CHECK(refusal_of(client_handshake(node(2), 0)) == ending::out_of_turn);
  CHECK(refusal_of(server_handshake(node(2), 1)) == ending::out_of_turn);
}

TEST_CASE("messages and watches for the published actor pass") {
  CHECK(refusal_of(text_message(1, 10, "hello")) == std::nullopt);
  CHECK(refusal_of(text_message(0, 10, "from nobody")) == std::nullopt);
  CHECK(refusal_of(watch(node(2), node(1), 10)) == std::nullopt);
  CHECK(refusal_of(heartbeat()) == std::nullopt);
  CHECK(refusal_of(end_of(node(2), node(1), 5, error(""))) == std::nullopt);
}

TEST_CASE("an actor that was not shown to the peer is out of its reach") {
  CHECK(refusal_of(text_message(1, 11, "hello")) == ending::stranger_addressed);
  CHECK(refusal_of(watch(node(2), node(1), 11)) == ending::stranger_addressed);
}

TEST_CASE("whoever has sent to the peer can be answered") {
  filter_bench at{side::accepted};
  at.greeted().outward(text_message(42, 5, "question")).inward(text_message(5, 42, "answer"));
  CHECK(!at.refused);
  at.inward(text_message(5, 43, "to another"));
  CHECK(at.refused == ending::stranger_addressed);
}

TEST_CASE("an actor whose message was left out was not shown") {
  filter_bench at{side::accepted};
  at.greeted().outward(message(42, 5, content("@exit"))).inward(text_message(5, 42, "answer"));
  CHECK(at.refused == ending::stranger_addressed);
}

TEST_CASE("what was shown on one connection may be answered on the next") {
  const auto shown = std::make_shared<actor_roll>(64);
  filter_bench first{side::accepted};
  first.greeted();
  first.filter.share(shown);
  first.outward(text_message(42, 5, "question"));
  filter_bench second{side::accepted};
  second.greeted();
  second.filter.share(shown);
  second.inward(text_message(5, 42, "answer")).inward(text_message(5, 10, "to the published one"));
  CHECK(!second.refused);
}

TEST_CASE("an actor published on a later connection may be addressed on an earlier one") {
  const auto published = std::make_shared<actor_roll>(8);
  filter_bench earlier{side::accepted, usual_rules(), published};
  earlier.greeted();
  filter_bench later{side::accepted, usual_rules(), published};
  later.outward(server_handshake(node(1), 20));
  earlier.inward(text_message(5, 20, "to the new one")).inward(text_message(5, 10, "to the old"));
  CHECK(!earlier.refused);
}

TEST_CASE("nobody is reached by name") {
  auto named = text_message(1, 10, "info");
  named[3] = std::byte{basp_named_receiver};
  CHECK(refusal_of(named) == ending::named);
}

TEST_CASE("nothing is passed on to a third node") {
  CHECK(refusal_of(frame({.operation = code(basp_operation::routed_message), .dest = 10},
                         writer{}.node(node(2)).node(node(3)).number(0, 1).out)) == ending::routed);
  CHECK(refusal_of(watch(node(2), node(3), 10)) == ending::wrong_node);
  CHECK(refusal_of(end_of(node(2), node(3), 5, error(""))) == ending::wrong_node);
}

TEST_CASE("nobody speaks in the name of another node") {
  CHECK(refusal_of(watch(node(3), node(1), 10)) == ending::wrong_node);
  CHECK(refusal_of(end_of(node(3), node(1), 5, error(""))) == ending::wrong_node);
}

TEST_CASE("a message for further actors down the line is refused") {
  const auto payload = writer{}.number(1, 1).number(9, 8).node(node(1)).raw(content("")).out;
  CHECK(refusal_of(frame({.operation = code(basp_operation::direct_message), .dest = 10},
                         payload)) == ending::type_refused);
}

TEST_CASE("only the types that are exchanged pass") {
  CHECK(refusal_of(message(1, 10, content(""))) == std::nullopt);
  CHECK(refusal_of(message(1, 10, content("agentpool::core::read_inbox"))) == std::nullopt);
  CHECK(refusal_of(message(1, 10, content("@str+@str"))) == std::nullopt);
  for (const auto* types : {"@exit", "@down", "@atom+@strong_actor_ptr", "@u64", "@str+@exit",
                            "@exit+@str", "@message", "@str+@error", "@error+@error", "+", "@str+",
                            "agentpool::core::read_inboxes", "@str+@str+@str+@str+@str"})
    CHECK(refusal_of(message(1, 10, content(types))) == ending::type_refused);
}

TEST_CASE("a message that does not begin as CAF writes it is refused") {
  const frame_fields fields{.operation = code(basp_operation::direct_message), .dest = 10};
  const auto begin = writer{}.number(0, 1);
  CHECK(refusal_of(frame(fields, {})) == ending::malformed);
  CHECK(refusal_of(frame(fields, writer{begin}.number(5, 2).out)) == ending::malformed);
  CHECK(refusal_of(frame(fields, writer{begin}.number(0, 2).text("@str").out)) ==
        ending::malformed);
  CHECK(refusal_of(frame(fields, writer{begin}.number(0, 2).text("@<>@str").out)) ==
        ending::malformed);
  CHECK(refusal_of(frame(fields, writer{begin}.number(0, 2).number(0x7F, 1).out)) ==
        ending::malformed);  // a name longer than its frame
  CHECK(refusal_of(frame(fields, writer{begin}.number(0, 2).text(std::string(600, 'x')).out)) ==
        ending::malformed);
  CHECK(refusal_of(frame(fields, writer{begin}.number(0, 2).number(0xFFFFFFFFFF, 5).out)) ==
        ending::malformed);  // a size of more than 32 bits
}

TEST_CASE("an error may carry plain values and what is exchanged, but no error") {
  const auto refusal_of_error = [](std::string_view context) {
    return refusal_of(response(1, 10, content("@error", error(context))));
  };
  CHECK(refusal_of_error("") == std::nullopt);
  CHECK(refusal_of_error("@str+@u64") == std::nullopt);
  CHECK(refusal_of_error("agentpool::core::read_inbox") == std::nullopt);
  CHECK(refusal_of_error("@error") == ending::type_refused);
  CHECK(refusal_of_error("@strong_actor_ptr") == ending::type_refused);
  CHECK(refusal_of_error("@str+@str+@str+@str+@str") == ending::type_refused);
  CHECK(refusal_of(end_of(node(2), node(1), 5, error("@error"))) == ending::type_refused);
  CHECK(refusal_of(end_of(node(2), node(1), 5, {})) == ending::malformed);
}

TEST_CASE("an error that answers nothing would end its receiver, and is refused") {
  const auto what = content("@error", error(""));
  CHECK(refusal_of(message(1, 10, what)) == ending::type_refused);
  CHECK(refusal_of(message(1, 10, what, 0x1000000000000001)) == ending::type_refused);
  filter_bench at{side::accepted};
  at.greeted().outward(message(10, 1, what));
  CHECK(at.out.passed.empty());
}

TEST_CASE("a message cannot say that it is a stream's, or that it is answered already") {
  for (const std::uint64_t id : {0x2000000000000000, 0x3000000000000000, 0x4000000000000001})
    CHECK(refusal_of(message(1, 10, content("@str"), id)) == ending::malformed);
  for (const std::uint64_t id : {0ULL, 1ULL, 0x1000000000000001ULL, 0x8000000000000001ULL})
    CHECK(refusal_of(message(1, 10, content("@str"), id)) == std::nullopt);
}

TEST_CASE("a message as large as allowed passes, a larger one does not") {
  auto rules = usual_rules();
  const auto fits = text_message(1, 10, std::string(1'000, 'x'));
  rules.message_bytes_max = fits.size() - basp_header_size;
  CHECK(refusal_of(fits, rules) == std::nullopt);
  CHECK(refusal_of(text_message(1, 10, std::string(1'001, 'x')), rules) == ending::too_large);
}

TEST_CASE("fields that CAF leaves empty have to be empty") {
  const std::vector<bytes> sound{text_message(1, 10, "hello"), heartbeat(),
                                 watch(node(2), node(1), 10),
                                 end_of(node(2), node(1), 5, error(""))};
  for (const auto& each : sound) {
    for (const std::size_t at : {1, 2, 3}) {
      auto spoilt = each;
      spoilt[at] = std::byte{4};
      CHECK(refusal_of(spoilt) == ending::malformed);
    }
  }
  CHECK(refusal_of(frame({.operation = 6, .data = 1})) == ending::malformed);
  CHECK(refusal_of(frame({.operation = 6, .source = 1})) == ending::malformed);
  CHECK(refusal_of(frame({.operation = 6, .dest = 1})) == ending::malformed);
  CHECK(refusal_of(frame({.operation = 6}, bytes(1))) == ending::malformed);
  CHECK(refusal_of(frame({.operation = 7})) == ending::malformed);
  CHECK(refusal_of(frame({.operation = 255})) == ending::malformed);
  CHECK(refusal_of(text_message(1, 0, "to nobody")) == ending::malformed);
  CHECK(refusal_of(end_of(node(2), node(1), 0, error(""))) == ending::malformed);
}

TEST_CASE("a peer shows no more actors than are counted, until it tells of their end") {
  auto rules = usual_rules();
  rules.known_actors_max = 3;
  filter_bench at{side::accepted, rules};
  at.greeted();
  for (const auto source : {1, 2, 3, 1, 2, 3})
    at.inward(text_message(static_cast<std::uint64_t>(source), 10, "hello"));
  CHECK(!at.refused);
  at.inward(end_of(node(2), node(1), 2, error(""))).inward(text_message(4, 10, "hello"));
  CHECK(!at.refused);
  at.inward(text_message(5, 10, "hello"));
  CHECK(at.refused == ending::too_many_actors);
}

TEST_CASE("whom we dialled has to answer with its handshake") {
  CHECK(first_answer_refusal_of(server_handshake(node(2), 77)) == std::nullopt);
  CHECK(first_answer_refusal_of(client_handshakes(node(2))) == ending::out_of_turn);
  CHECK(first_answer_refusal_of(heartbeat()) == ending::out_of_turn);
  CHECK(first_answer_refusal_of(header({.operation = 0, .data = 3}, 0)) == ending::malformed);
  CHECK(first_answer_refusal_of(header({.operation = 0, .data = 3}, 90'000)) == ending::too_large);
  CHECK(first_answer_refusal_of(header({.operation = 0, .data = 2}, 10)) == ending::malformed);
  auto too_many = writer{}.node(node(2)).number(65, 1);
  for (int i = 0; i < 65; ++i) too_many.text("x");
  too_many.number(7, 8).number(0, 1);
  CHECK(first_answer_refusal_of(frame({.operation = 0, .data = 3}, too_many.out)) ==
        ending::malformed);
  const auto rest = writer{}.node(node(2)).number(0, 1).number(7, 8).number(0, 1).out;
  CHECK(first_answer_refusal_of(frame({.operation = 0, .data = 3}, rest)) == std::nullopt);
  CHECK(first_answer_refusal_of(frame({.operation = 0, .data = 3}, rest + bytes(1))) ==
        ending::malformed);
}

TEST_CASE("the fields of a handshake that CAF leaves empty have to be empty") {
  for (const std::size_t at : {1, 2, 3, 8, 15, 16, 23, 24, 31}) {
    auto of_server = server_handshake(node(2), 77);
    of_server[at] ^= std::byte{1};
    CHECK(first_answer_refusal_of(of_server) == ending::malformed);
    for (const std::size_t which : {0, 1}) {
      auto of_client = client_handshakes(node(2));
      of_client[which * of_client.size() / 2 + at] ^= std::byte{1};
      CHECK(first_refusal_of(of_client) == ending::malformed);
    }
  }
}

TEST_CASE("a CAF of ours that does not speak as it should ends the connection") {
  const auto refusal_of_ours = [](const bytes& ours) {
    filter_bench at{side::accepted};
    at.greeted().outward(ours);
    CHECK(at.out.passed.empty());
    return at.refused;
  };
  CHECK(refusal_of_ours(frame({.operation = 7})) == ending::malformed);
  CHECK(refusal_of_ours(client_handshake(node(1), 0)) == ending::out_of_turn);
  CHECK(refusal_of_ours(server_handshake(node(1), 10)) == ending::out_of_turn);
  CHECK(refusal_of_ours(frame({.operation = 2, .dest = 5},
                              writer{}.number(0, 1).number(5, 2).out)) == ending::malformed);
}

TEST_CASE("a dialler's handshake waits until its CAF has chosen the connection") {
  filter_bench at{side::dialled};
  at.outward(client_handshake(node(1), 0)).inward(server_handshake(node(2), 77));
  CHECK(at.out.passed.empty());
  CHECK(!at.filter.open());
  at.outward(client_handshake(node(1), basp_select_connection));
  CHECK(at.out.passed == client_handshakes(node(1)));
  CHECK(at.filter.open());
}

TEST_CASE("a dialler can be answered by those it was asked by alone") {
  filter_bench at{side::dialled};
  at.dialled().greeted().outward(text_message(9, 77, "question"));
  at.inward(text_message(77, 9, "answer")).inward(watch(node(2), node(1), 9));
  CHECK(!at.refused);
  at.inward(text_message(77, 10, "to another"));
  CHECK(at.refused == ending::stranger_addressed);
}

TEST_CASE("what the peer would refuse is left out and told") {
  const auto told_for = [](const bytes& ours) {
    filter_bench at{side::accepted};
    at.greeted().outward(ours + heartbeat());
    CHECK(at.out.passed == heartbeat());
    CHECK(at.out.omitted == ours.size());
    return at.out.told;
  };
  CHECK(told_for(text_message(42, 5, std::string(100'001, 'x'))) == ending::too_large);
  CHECK(told_for(message(42, 5, content("@exit"))) == ending::type_refused);
  CHECK(told_for(frame({.operation = 3, .dest = 5}, bytes(100))) == ending::routed);
  auto named = text_message(1, 10, "info");
  named[3] = std::byte{basp_named_receiver};
  CHECK(told_for(named) == std::nullopt);  // CAF asks every node for its spawn server
}

TEST_CASE("our own watches and ends go out") {
  filter_bench at{side::accepted};
  const auto ours = watch(node(1), node(2), 5) + end_of(node(1), node(2), 10, error(""));
  at.greeted().outward(ours);
  CHECK(at.out.passed == ours);
}
