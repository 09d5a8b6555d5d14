#include "actors/remote/node_contents.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <string>
#include <utility>
#include <variant>

#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// A message is larger than the content in it by less than that.
constexpr std::size_t around_content = 1'024;

core::agent_error nobody_answered(std::chrono::milliseconds waited, const std::string& last) {
  return core::store_unavailable("no node has answered within " + std::to_string(waited.count()) +
                                 " ms (request_wait): repeat it, which is safe" +
                                 (last.empty() ? std::string{} : "; the last said: " + last));
}

}  // namespace

void node_contents::keep(const std::shared_ptr<messages::content_call>& call) {
  const auto most = around_->limits().message_bytes_max;
  const auto bytes = call->ask.bytes().size();
  if (bytes + around_content > most)
    return call->back.give(core::contract_violation(
        "a content of " + std::to_string(bytes) +
        " bytes is larger than a message between nodes may be: " + std::to_string(most) +
        " bytes (message_bytes_max) with " + std::to_string(around_content) + " around it"));
  ask(messages::shared_content{call}, [call](core::outcome<messages::node_answer> what) {
    if (!what) return call->back.give(what.error());
    auto& named = std::get<messages::content_named>(*what).what;
    if (auto* why = std::get_if<core::agent_error>(&named)) return call->back.give(std::move(*why));
    auto& name = std::get<core::content_ref>(named);
    if (name == call->ask.name()) return call->back.give(std::move(name));
    call->back.give(
        core::store_corrupt("the node gave content " + call->ask.name().text() + " another name"));
  });
}

void node_contents::fetch(const std::shared_ptr<messages::store_call>& call) {
  const auto name = std::get<messages::read_content>(call->ask).name;
  if (!core::content_digest(name)) return call->back.give(core::no_content_name(name));
  ask(messages::fetch_content{0, name}, [call, name](core::outcome<messages::node_answer> what) {
    if (!what) return call->back.give(what.error());
    auto& fetched = std::get<messages::content_fetched>(*what).what;
    if (auto* why = std::get_if<core::agent_error>(&fetched))
      return call->back.give(std::move(*why));
    auto& bytes = std::get<std::optional<std::string>>(fetched);
    if (!bytes) return call->back.give(messages::store_answer{std::move(bytes)});
    auto checked = core::checked_content(name, *std::move(bytes));
    if (!checked) return call->back.give(checked.error());
    call->back.give(messages::store_answer{*std::move(checked)});
  });
}

void node_contents::ask(messages::node_question question, callback<messages::node_answer> then) {
  go({std::move(question), std::move(then), system_.clock().now() + around_->limits().request_wait,
      preferred_});
}

void node_contents::go(errand what) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(what.due - system_.clock().now());
  if (left <= milliseconds{0})
    return what.then(nobody_answered(around_->limits().request_wait, what.last_error));
  const auto link = around_->to(around_->with().seeds[what.seed]);
  if (!link) return what.then(messages::closed());
  auto call = std::make_shared<messages::node_call>();
  call->ask = what.question;
  call->wait = left;
  call->back = messages::reply<messages::node_answer>{
      [self = shared_from_this(), what = std::move(what)](auto answer) {
        self->came(what, std::move(answer));
      }};
  caf::anon_send(link, messages::node_asked{std::move(call)});
}

/// A link that lost its node waits before it tries again. What another try does not change, as a
/// version that no node speaks, is the answer once all have said such a thing; so is that all are
/// full, of which a link tells at once.
void node_contents::came(errand what, core::outcome<messages::node_answer> answer) {
  const auto nodes = around_->with().seeds.size();
  if (answer) {
    preferred_ = what.seed;
    return what.then(std::move(answer));
  }
  const bool passes = answer.error().retry == core::retry_classification::retryable &&
                      answer.error().kind != core::agent_error_kind::timeout;
  what.refusals = passes ? 0 : what.refusals + 1;
  if (what.refusals >= nodes) return what.then(answer.error());
  what.last_error = answer.error().message;
  what.seed = (what.seed + 1) % nodes;
  go(std::move(what));
}

}  // namespace agentpool::actors::remote
