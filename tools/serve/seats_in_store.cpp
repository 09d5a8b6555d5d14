// Seats as rows of the store's registry.
#include <algorithm>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "seat_rows.hpp"
#include "seats.hpp"
#include "token_book.hpp"

namespace agentpool::tools {

namespace {

/// A row is written before its run joins: for so long one whose join is not known may still come.
constexpr std::chrono::seconds join_max{60};
constexpr int tries_max = 8;

bool shows(const credentials& shown, const seat_row& row) {
  if (shown.who.proven && row.owner_proven && shown.who.name == row.owner) return true;
  return std::any_of(shown.tokens.begin(), shown.tokens.end(), [&](const std::string& token) {
    return core::sha256_hex(token) == row.token_sha256;
  });
}

run_sender sender_of(const seat_row& row) {
  return {row.owner, row.on_behalf_of, row.spawned_by, row.agent_id, row.joined};
}

core::agent_error not_yours() {
  return core::policy_denied(
      "another caller joined this run: show its session token, or join under a run id of your own");
}

core::agent_error joined_elsewhere() {
  return core::policy_denied(
      "the run was joined by a program, not through this server, and cannot be taken over here: "
      "join under a run id of your own");
}

core::agent_error not_joined() {
  return core::policy_denied("nobody joined this run through this server: join it first");
}

core::agent_error not_confirmed() {
  return core::policy_denied(
      "the run's join was not completed, perhaps since a server ended amid it: join it again");
}

class store_seats : public seats, public std::enable_shared_from_this<store_seats> {
 public:
  store_seats(actors::engine& engine, std::shared_ptr<const core::clock> clock)
      : engine_{engine}, clock_{std::move(clock)}, rows_{std::make_shared<seat_rows>(engine)} {}

  void join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
            actors::callback<seat_told> then) override;
  void check(const core::pool_id& pool, const core::run_id& run, const credentials& shown,
             bool afresh, actors::callback<run_sender> then) override;
  void left(const core::pool_id& pool, const core::run_id& run) override;

 private:
  struct joining;
  using joining_ptr = std::shared_ptr<joining>;

  void try_join(const joining_ptr& what);
  void judge(const joining_ptr& what, const known_row& known, const core::member_list& now);
  void take(const joining_ptr& what, const known_row& known, std::string token);
  void enter(const joining_ptr& what);
  void confirm(const joining_ptr& what);
  void undo(const joining_ptr& what, const core::agent_error& why);
  /// The member that the run is, also by what another server did.
  void look(const core::pool_id& pool, const core::run_id& run,
            actors::callback<core::member_list> then);
  /// Its join may be under way yet.
  [[nodiscard]] bool may_come(const seat_row& row) const;
  [[nodiscard]] core::outcome<run_sender> judged(const known_row& known,
                                                 const credentials& shown) const;

  actors::engine& engine_;
  const std::shared_ptr<const core::clock> clock_;
  const std::shared_ptr<seat_rows> rows_;
};

/// A join on its way.
struct store_seats::joining {
  core::pool_id pool;
  seat_wanted wanted;
  credentials shown;
  actors::callback<seat_told> then;
  std::string token = {};                      ///< That the caller will have.
  std::optional<seat_row> before = {};         ///< What stood there.
  std::optional<seat_row> row = std::nullopt;  ///< What this join wrote.
  std::uint64_t version = 0;                   ///< Which writing that is.
  bool resumed = false;                        ///< It is a member already,
  bool stays = false;                          ///< and as it wants to be.
  int tries = 0;

  [[nodiscard]] const core::run_id& run() const { return wanted.member.run_id; }
};

// ---- joining ----------------------------------------------------------------------------------

void store_seats::join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
                       actors::callback<seat_told> then) {
  auto what = std::make_shared<joining>(joining{pool, std::move(wanted), shown, std::move(then)});
  if (what->wanted.token) what->shown.tokens.push_back(*what->wanted.token);
  try_join(what);
}

void store_seats::try_join(const joining_ptr& what) {
  what->resumed = what->stays = false;
  if (++what->tries > tries_max)
    return what->then(core::overloaded("others want the same run at the same moment: repeat"));
  rows_->read(what->pool, what->run(), true,
              [self = shared_from_this(), what](const core::outcome<known_row>& known) {
                if (!known) return what->then(known.error());
                self->look(
                    what->pool, what->run(),
                    [self, what, known = *known](const core::outcome<core::member_list>& now) {
                      if (!now) return what->then(now.error());
                      self->judge(what, known, *now);
                    });
              });
}

/// A seat counts for the membership that it was joined as: after it the run is free, and where a
/// program has joined it since, the program's.
/// Whoever joins its run again as it is stays the member that it is, and what happened since it
/// joined is not forgotten.
void store_seats::judge(const joining_ptr& what, const known_row& known,
                        const core::member_list& now) {
  const auto& row = known.row;
  const auto joined = now.joined;
  const bool elsewhere = joined != 0 && !(row && row->joined.value_or(joined) == joined);
  if (row && shows(what->shown, *row)) {
    if (elsewhere) return what->then(joined_elsewhere());
    // A token that was shown stays good; whoever is known by name alone gets a new one.
    std::string kept;
    for (const auto& token : what->shown.tokens)
      if (core::sha256_hex(token) == row->token_sha256) kept = token;
    if (!what->wanted.on_behalf_of) what->wanted.on_behalf_of = row->on_behalf_of;
    if (!what->wanted.spawned_by) what->wanted.spawned_by = row->spawned_by;
    what->resumed = joined != 0;
    what->stays =
        joined != 0 && row->joined == joined && now.members.front() == what->wanted.member;
    return take(what, known, std::move(kept));
  }
  if (row && may_come(*row)) return what->then(not_yours());
  if (joined != 0) return what->then(elsewhere ? joined_elsewhere() : not_yours());
  take(what, known, {});
}

void store_seats::take(const joining_ptr& what, const known_row& known, std::string token) {
  if (token.empty()) {
    auto made = make_token();
    if (!made) return what->then(made.error());
    token = std::move(*made);
  }
  what->token = std::move(token);
  what->before = known.row;
  what->row = seat_row{what->pool,
                       what->run(),
                       what->wanted.member.agent_id,
                       core::sha256_hex(what->token),
                       what->shown.who.name,
                       what->shown.who.proven,
                       what->wanted.on_behalf_of,
                       what->wanted.spawned_by,
                       core::to_millis(clock_->now()),
                       {}};
  if (what->stays) {
    what->version = known.version;
    what->row->joined = what->before->joined;
    what->row->sequence = what->before->sequence;
    return confirm(what);
  }
  rows_->write(what->pool, what->run(), what->row, known.version,
               [self = shared_from_this(),
                what](const core::outcome<std::optional<std::uint64_t>>& written) {
                 if (!written) return what->then(written.error());
                 if (!*written) return self->try_join(what);
                 what->version = **written;
                 self->enter(what);
               });
}

void store_seats::enter(const joining_ptr& what) {
  engine_.pool(what->pool)
      .submit(core::join_run{what->wanted.member},
              [self = shared_from_this(), what](const core::outcome<core::answer>& joined) {
                if (!joined) return self->undo(what, joined.error());
                const auto& done = std::get<core::run_joined>(*joined);
                what->row->joined = done.joined;
                what->row->sequence = done.cursor.sequence;
                self->confirm(what);
              });
}

/// Only then the caller has the token: before, the row could be of a join that never came.
void store_seats::confirm(const joining_ptr& what) {
  rows_->write(what->pool, what->run(), what->row, what->version,
               [self = shared_from_this(),
                what](const core::outcome<std::optional<std::uint64_t>>& written) {
                 if (!written) return what->then(written.error());
                 // The caller joins the run in another request at the same time.
                 if (!*written) return self->try_join(what);
                 what->then(seat_told{{what->row->sequence}, what->token, what->resumed});
               });
}

/// Nothing was joined: whoever had the run has it as before.
void store_seats::undo(const joining_ptr& what, const core::agent_error& why) {
  rows_->write(
      what->pool, what->run(), what->before, what->version,
      [what, why](const core::outcome<std::optional<std::uint64_t>>&) { what->then(why); });
}

void store_seats::look(const core::pool_id& pool, const core::run_id& run,
                       actors::callback<core::member_list> then) {
  const auto handle = engine_.pool(pool);
  handle.catch_up();
  handle.submit(core::list_members{run},
                [then = std::move(then)](const core::outcome<core::answer>& what) {
                  if (!what) return then(what.error());
                  then(std::get<core::member_list>(*what));
                });
}

bool store_seats::may_come(const seat_row& row) const {
  constexpr auto patience = static_cast<std::uint64_t>(std::chrono::milliseconds{join_max}.count());
  return !row.joined && core::to_millis(clock_->now()) < row.at_millis + patience;
}

// ---- acting -----------------------------------------------------------------------------------

core::outcome<run_sender> store_seats::judged(const known_row& known,
                                              const credentials& shown) const {
  if (!known.row) return not_joined();
  if (!shows(shown, *known.row)) return not_yours();
  if (!known.row->joined && !may_come(*known.row)) return not_confirmed();
  return sender_of(*known.row);
}

void store_seats::check(const core::pool_id& pool, const core::run_id& run,
                        const credentials& shown, bool afresh, actors::callback<run_sender> then) {
  rows_->read(pool, run, afresh,
              [self = shared_from_this(), pool, run, shown, afresh,
               then = std::move(then)](const core::outcome<known_row>& known) {
                if (!known) return then(known.error());
                auto sender = self->judged(*known, shown);
                // Before anybody is denied the row is read again: another server may have
                // written it.
                if (!sender && !afresh) return self->check(pool, run, shown, true, then);
                then(std::move(sender));
              });
}

/// Tidies up: a row of a membership that is over counts for nothing.
void store_seats::left(const core::pool_id& pool, const core::run_id& run) {
  rows_->read(
      pool, run, true,
      [self = shared_from_this(), pool, run](const core::outcome<known_row>& known) {
        if (!known || !known->row || !known->row->joined) return;
        self->look(pool, run,
                   [self, pool, run, known = *known](const core::outcome<core::member_list>& now) {
                     if (!now || now->joined == *known.row->joined) return;
                     self->rows_->write(pool, run, std::nullopt, known.version, [](const auto&) {});
                   });
      });
}

}  // namespace

std::shared_ptr<seats> seats_in_store(actors::engine& engine,
                                      std::shared_ptr<const core::clock> clock) {
  return std::make_shared<store_seats>(engine, std::move(clock));
}

}  // namespace agentpool::tools
