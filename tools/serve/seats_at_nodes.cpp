// Seats of pools at nodes: the nodes keep the tokens, this program keeps who gave them.
#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "seats.hpp"

namespace agentpool::tools {

namespace {

core::agent_error not_shown() {
  return core::policy_denied(
      "only who joined this run may act as it: show its session token, or join it first");
}

class node_seats : public seats, public std::enable_shared_from_this<node_seats> {
 public:
  explicit node_seats(actors::remote::client& program) : program_{program} {}

  void join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
            actors::callback<seat_told> then) override;
  void check(const core::pool_id& pool, const core::run_id& run, const credentials& shown,
             bool afresh, actors::callback<run_sender> then) override;
  void left(const core::pool_id& pool, const core::run_id& run) override;

 private:
  using key = std::pair<core::pool_id, core::run_id>;
  struct seat {
    std::string owner;
    bool owner_proven = false;
    run_sender sender;
  };

  [[nodiscard]] bool shows(const key& of, const seat& has, const credentials& shown) const;
  void enter(const key& of, seat_wanted wanted, const credentials& shown,
             actors::callback<seat_told> then);
  void come_back(const key& of, const credentials& shown, const actors::callback<run_sender>& then);
  /// By the tokens from that one on, one after the other: they may be of other runs.
  void come_back_by(std::size_t token, const key& of, const core::pool_member& member,
                    const credentials& shown, const actors::callback<run_sender>& then);

  actors::remote::client& program_;
  std::mutex mutex_;
  std::map<key, seat> seats_;
};

bool node_seats::shows(const key& of, const seat& has, const credentials& shown) const {
  if (shown.who.proven && has.owner_proven && shown.who.name == has.owner) return true;
  const auto token = program_.token(of.first, of.second);
  return token && std::find(shown.tokens.begin(), shown.tokens.end(), *token) != shown.tokens.end();
}

void node_seats::join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
                      actors::callback<seat_told> then) {
  const key of{pool, wanted.member.run_id};
  auto all = shown;
  if (wanted.token) all.tokens.push_back(*wanted.token);
  std::optional<seat> has;
  {
    const std::lock_guard guard{mutex_};
    const auto found = seats_.find(of);
    if (found != seats_.end()) has = found->second;
  }
  if (has && !shows(of, *has, all)) return then(not_shown());
  enter(of, std::move(wanted), all, std::move(then));
}

void node_seats::enter(const key& of, seat_wanted wanted, const credentials& shown,
                       actors::callback<seat_told> then) {
  const auto& [pool, run] = of;
  if (wanted.token) program_.present(pool, run, *wanted.token);
  seat has{shown.who.name,
           shown.who.proven,
           {shown.who.name, std::move(wanted.on_behalf_of), std::move(wanted.spawned_by),
            wanted.member.agent_id}};
  program_.pools().pool(pool).submit(core::join_run{std::move(wanted.member)},
                                     [self = shared_from_this(), of, has = std::move(has),
                                      then = std::move(then)](core::outcome<core::answer> joined) {
                                       if (!joined) return then(joined.error());
                                       {
                                         const std::lock_guard guard{self->mutex_};
                                         self->seats_.insert_or_assign(of, has);
                                       }
                                       then(seat_told{std::get<core::run_joined>(*joined).cursor,
                                                      self->program_.token(of.first, of.second)});
                                     });
}

/// What is known here is as of now: the node ends the seats that are not.
void node_seats::check(const core::pool_id& pool, const core::run_id& run, const credentials& shown,
                       bool, actors::callback<run_sender> then) {
  const key of{pool, run};
  std::optional<seat> has;
  {
    const std::lock_guard guard{mutex_};
    const auto found = seats_.find(of);
    if (found != seats_.end()) has = found->second;
  }
  if (has && shows(of, *has, shown)) return then(has->sender);
  if (has || shown.tokens.empty()) return then(not_shown());
  come_back(of, shown, then);
}

/// This program was started anew: the run is joined again by its token, as the member that it is.
void node_seats::come_back(const key& of, const credentials& shown,
                           const actors::callback<run_sender>& then) {
  program_.pools().pool(of.first).submit(
      core::list_members{of.second},
      [self = shared_from_this(), of, shown, then](const core::outcome<core::answer>& what) {
        if (!what) return then(what.error());
        const auto& members = std::get<core::member_list>(*what).members;
        if (members.empty()) return then(not_shown());
        self->come_back_by(0, of, members.front(), shown, then);
      });
}

void node_seats::come_back_by(std::size_t token, const key& of, const core::pool_member& member,
                              const credentials& shown, const actors::callback<run_sender>& then) {
  enter(of, {member, shown.tokens[token]}, shown,
        [self = shared_from_this(), token, of, member, shown,
         then](const core::outcome<seat_told>& told) {
          if (told)
            return then(run_sender{shown.who.name, std::nullopt, std::nullopt, member.agent_id});
          if (told.error().kind != core::agent_error_kind::policy_denial ||
              token + 1 == shown.tokens.size())
            return then(told.error());
          self->come_back_by(token + 1, of, member, shown, then);
        });
}

void node_seats::left(const core::pool_id& pool, const core::run_id& run) {
  const std::lock_guard guard{mutex_};
  seats_.erase({pool, run});
}

}  // namespace

std::shared_ptr<seats> seats_at_nodes(actors::remote::client& program) {
  return std::make_shared<node_seats>(program);
}

}  // namespace agentpool::tools
