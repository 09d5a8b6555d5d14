#include "actors/remote/content_counter.hpp"

#include <utility>

namespace agentpool::actors::remote {

namespace {

/// What a message between nodes is larger than the content in it, at most.
constexpr std::size_t around_content = 1'024;

}  // namespace

void content_counter::start(messages::session_actor session, std::shared_ptr<surroundings> around,
                            std::shared_ptr<session_account> account, messages::link_peer link) {
  session_ = std::move(session);
  around_ = std::move(around);
  account_ = std::move(account);
  link_ = std::move(link);
}

std::optional<core::agent_error> content_counter::refused() {
  const auto most = around_->limits.requests_max;
  if (account_->unanswered.fetch_add(1) < most) return std::nullopt;
  account_->unanswered.fetch_sub(1);
  return core::overloaded(
      "too many requests of one connection are not answered yet (requests_max " +
      std::to_string(most) + "): repeat later");
}

void content_counter::on_keep(messages::keep_content& ask) {
  if (!session_) return;
  if (auto why = refused())
    return caf::anon_send(link_, messages::content_named{ask.number, *std::move(why)});
  around_->host.put_content(std::move(ask.bytes),
                            [account = account_, link = link_, number = ask.number](auto name) {
                              account->unanswered.fetch_sub(1);
                              messages::content_named named{number, core::agent_error{}};
                              if (name) {
                                named.what = *std::move(name);
                              } else {
                                named.what = name.error();
                              }
                              caf::anon_send(link, std::move(named));
                            });
}

void content_counter::on_fetch(const messages::fetch_content& ask) {
  if (!session_) return;
  if (auto why = refused())
    return caf::anon_send(link_, messages::content_fetched{ask.number, *std::move(why)});
  using found = std::optional<std::string>;
  around_->host.get_content(
      ask.name,
      [account = account_, then = on_turn<found>(session_, [this, number = ask.number](auto what) {
                             fetched(number, std::move(what));
                           })](core::outcome<found> what) {
        account->unanswered.fetch_sub(1);
        then(std::move(what));
      });
}

void content_counter::fetched(std::uint64_t number,
                              core::outcome<std::optional<std::string>> what) {
  messages::content_fetched told{number, core::agent_error{}};
  const auto bytes = what && *what ? (*what)->size() + around_content : 0;
  auto why = what ? no_way_for(bytes) : std::optional{what.error()};
  if (why) {
    told.what = *std::move(why);
  } else {
    told.what = *std::move(what);
    if (bytes > 0) untaken_.push_back(bytes);
    untaken_bytes_ += bytes;
  }
  caf::anon_send(link_, std::move(told));
}

/// A single content has room always: else it never had.
std::optional<core::agent_error> content_counter::no_way_for(std::size_t bytes) const {
  const auto& limits = around_->limits;
  if (bytes > limits.answer_bytes_max)
    return core::contract_violation(
        "the content is larger than a message between nodes may be (answer_bytes_max " +
        std::to_string(limits.answer_bytes_max) + "): read it where the store is");
  const bool has_room =
      bytes == 0 || untaken_.empty() ||
      (untaken_bytes_ + bytes <= limits.untaken_bytes_max && untaken_.size() < limits.untaken_max);
  if (has_room) return std::nullopt;
  return core::overloaded("too much is on its way to this program (untaken_bytes_max " +
                          std::to_string(limits.untaken_bytes_max) + "): repeat later");
}

void content_counter::on_taken() {
  if (untaken_.empty()) return;
  untaken_bytes_ -= untaken_.front();
  untaken_.pop_front();
}

}  // namespace agentpool::actors::remote
