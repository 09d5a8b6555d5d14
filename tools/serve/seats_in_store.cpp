// Seats as rows of the store's registry.
#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"
#include "seats.hpp"
#include "token_book.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view space = "serve.seat";
constexpr std::size_t remembered_max = 100'000;
/// For so long a row that was read is believed; a run changes hands only by leaving its pool.
constexpr std::chrono::seconds remembered_for{1};
/// A row is written before its run joins: for so long a run that is no member may still come.
constexpr std::chrono::seconds join_max{60};
constexpr int tries_max = 8;

/// What stands in a row.
struct seat_row {
  core::pool_id pool_id;
  core::run_id run_id;
  std::string token_sha256;
  std::string owner;
  bool owner_proven = false;
  std::optional<std::string> on_behalf_of;
  std::optional<core::run_id> spawned_by;
  std::uint64_t at_millis = 0;  ///< When it was written.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("run_id", self.run_id);
    visit("token_sha256", self.token_sha256);
    visit("owner", self.owner);
    visit("owner_proven", self.owner_proven);
    visit("on_behalf_of", self.on_behalf_of);
    visit("spawned_by", self.spawned_by);
    visit("at_millis", self.at_millis);
  }
};

/// A row and which writing of it that is; none: nobody has the run.
struct known_row {
  std::optional<seat_row> row;
  std::uint64_t version = 0;
};

std::string key_of(const core::pool_id& pool, const core::run_id& run) {
  return core::sha256_hex(pool.text() + '\n' + run.text());
}

bool shows(const credentials& shown, const seat_row& row) {
  if (shown.who.proven && row.owner_proven && shown.who.name == row.owner) return true;
  return std::any_of(shown.tokens.begin(), shown.tokens.end(), [&](const std::string& token) {
    return core::sha256_hex(token) == row.token_sha256;
  });
}

run_sender sender_of(const seat_row& row) { return {row.owner, row.on_behalf_of, row.spawned_by}; }

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

class store_seats : public seats, public std::enable_shared_from_this<store_seats> {
 public:
  store_seats(actors::engine& engine, std::shared_ptr<const core::clock> clock)
      : engine_{engine}, clock_{std::move(clock)} {}

  void join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
            actors::callback<seat_told> then) override;
  void check(const core::pool_id& pool, const core::run_id& run, const credentials& shown,
             actors::callback<run_sender> then) override;
  void left(const core::pool_id& pool, const core::run_id& run) override;

 private:
  struct joining;
  using joining_ptr = std::shared_ptr<joining>;

  void try_join(const joining_ptr& what);
  void judge(const joining_ptr& what, const known_row& known);
  void take(const joining_ptr& what, std::uint64_t version, std::string token);
  void enter(const joining_ptr& what);
  void is_member(const core::pool_id& pool, const core::run_id& run, actors::callback<bool> then);
  void read(const core::pool_id& pool, const core::run_id& run, bool afresh,
            actors::callback<known_row> then);
  void remember(const std::string& key, const known_row& row);

  struct remembered {
    known_row what;
    std::chrono::steady_clock::time_point until;
  };

  actors::engine& engine_;
  const std::shared_ptr<const core::clock> clock_;
  std::mutex mutex_;
  std::map<std::string, remembered> rows_;
};

/// A join on its way.
struct store_seats::joining {
  core::pool_id pool;
  seat_wanted wanted;
  credentials shown;
  actors::callback<seat_told> then;
  std::string token = {};     ///< That the caller will have.
  std::uint64_t version = 0;  ///< Of the row that this join wrote.
  bool is_new = false;        ///< There was no row before.
  int tries = 0;
};

void store_seats::join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
                       actors::callback<seat_told> then) {
  auto what = std::make_shared<joining>(joining{pool, std::move(wanted), shown, std::move(then)});
  if (what->wanted.token) what->shown.tokens.push_back(*what->wanted.token);
  try_join(what);
}

void store_seats::try_join(const joining_ptr& what) {
  if (++what->tries > tries_max)
    return what->then(core::overloaded("others want the same run at the same moment: repeat"));
  read(what->pool, what->wanted.member.run_id, true,
       [self = shared_from_this(), what](core::outcome<known_row> known) {
         if (!known) return what->then(known.error());
         self->judge(what, *known);
       });
}

void store_seats::judge(const joining_ptr& what, const known_row& known) {
  const auto& run = what->wanted.member.run_id;
  if (known.row && shows(what->shown, *known.row)) {
    // A token that was shown stays good; whoever is known by name alone gets a new one.
    std::string kept;
    for (const auto& token : what->shown.tokens)
      if (core::sha256_hex(token) == known.row->token_sha256) kept = token;
    if (!what->wanted.on_behalf_of) what->wanted.on_behalf_of = known.row->on_behalf_of;
    if (!what->wanted.spawned_by) what->wanted.spawned_by = known.row->spawned_by;
    return take(what, known.version, std::move(kept));
  }
  is_member(what->pool, run, [self = shared_from_this(), what, known](core::outcome<bool> member) {
    if (!member) return what->then(member.error());
    if (*member) return what->then(known.row ? not_yours() : joined_elsewhere());
    const auto now = core::to_millis(self->clock_->now());
    const auto patience = static_cast<std::uint64_t>(std::chrono::milliseconds{join_max}.count());
    if (known.row && now < known.row->at_millis + patience) return what->then(not_yours());
    what->is_new = true;
    self->take(what, known.version, {});
  });
}

void store_seats::take(const joining_ptr& what, std::uint64_t version, std::string token) {
  if (token.empty()) {
    auto made = make_token();
    if (!made) return what->then(made.error());
    token = std::move(*made);
  }
  what->token = std::move(token);
  seat_row row{what->pool,
               what->wanted.member.run_id,
               core::sha256_hex(what->token),
               what->shown.who.name,
               what->shown.who.proven,
               what->wanted.on_behalf_of,
               what->wanted.spawned_by,
               core::to_millis(clock_->now())};
  const auto key = key_of(row.pool_id, row.run_id);
  std::vector<core::registry_write> writes{{std::string{space}, key, core::written(row), version}};
  engine_.write_registry(std::move(writes),
                         [self = shared_from_this(), what, key,
                          row](core::outcome<std::vector<core::registry_written>> written) {
                           if (!written) return what->then(written.error());
                           const auto& now = written->at(0);
                           if (!now) return self->try_join(what);
                           what->version = *now;
                           self->remember(key, {row, *now});
                           self->enter(what);
                         });
}

void store_seats::enter(const joining_ptr& what) {
  engine_.pool(what->pool)
      .submit(core::join_run{what->wanted.member}, [self = shared_from_this(),
                                                    what](core::outcome<core::answer> joined) {
        if (joined)
          return what->then(seat_told{std::get<core::run_joined>(*joined).cursor, what->token});
        if (what->is_new) self->left(what->pool, what->wanted.member.run_id);
        what->then(joined.error());
      });
}

void store_seats::is_member(const core::pool_id& pool, const core::run_id& run,
                            actors::callback<bool> then) {
  engine_.pool(pool).submit(core::list_members{run},
                            [then = std::move(then)](core::outcome<core::answer> what) {
                              if (!what) return then(what.error());
                              then(!std::get<core::member_list>(*what).members.empty());
                            });
}

void store_seats::check(const core::pool_id& pool, const core::run_id& run,
                        const credentials& shown, actors::callback<run_sender> then) {
  read(pool, run, false,
       [self = shared_from_this(), pool, run, shown,
        then = std::move(then)](core::outcome<known_row> known) {
         if (!known) return then(known.error());
         if (known->row && shows(shown, *known->row)) return then(sender_of(*known->row));
         // Before anybody is denied the row is read again: another server may have written it.
         self->read(pool, run, true, [shown, then](core::outcome<known_row> latest) {
           if (!latest) return then(latest.error());
           if (!latest->row) return then(not_joined());
           if (!shows(shown, *latest->row)) return then(not_yours());
           then(sender_of(*latest->row));
         });
       });
}

void store_seats::left(const core::pool_id& pool, const core::run_id& run) {
  const auto key = key_of(pool, run);
  std::uint64_t version = 0;
  {
    const std::lock_guard guard{mutex_};
    const auto found = rows_.find(key);
    if (found != rows_.end()) version = found->second.what.version;
    rows_.erase(key);
  }
  if (version == 0) return;
  // A row that stays, as this is not waited for, is taken over once the run is no member.
  engine_.write_registry({{std::string{space}, key, std::nullopt, version}}, [](const auto&) {});
}

void store_seats::read(const core::pool_id& pool, const core::run_id& run, bool afresh,
                       actors::callback<known_row> then) {
  const auto key = key_of(pool, run);
  if (!afresh) {
    std::optional<known_row> known;
    {
      const std::lock_guard guard{mutex_};
      const auto found = rows_.find(key);
      if (found != rows_.end() && std::chrono::steady_clock::now() < found->second.until)
        known = found->second.what;
    }
    if (known) return then(std::move(*known));
  }
  engine_.read_registry(
      {std::string{space}, key}, [self = shared_from_this(), key, then = std::move(then)](
                                     core::outcome<std::vector<core::registry_row>> rows) {
        if (!rows) return then(rows.error());
        known_row known;
        if (!rows->empty()) {
          const auto tree = core::parse_json(rows->front().value);
          auto row = tree ? core::read_json<seat_row>(tree->root()) : tree.error();
          if (!row)
            return then(core::store_corrupt("a seat in the store's registry cannot be read: " +
                                            row.error().message));
          known = {std::move(*row), rows->front().version};
        }
        self->remember(key, known);
        then(std::move(known));
      });
}

void store_seats::remember(const std::string& key, const known_row& row) {
  const std::lock_guard guard{mutex_};
  if (rows_.size() >= remembered_max) rows_.clear();
  rows_.insert_or_assign(key, remembered{row, std::chrono::steady_clock::now() + remembered_for});
}

}  // namespace

std::shared_ptr<seats> seats_in_store(actors::engine& engine,
                                      std::shared_ptr<const core::clock> clock) {
  return std::make_shared<store_seats>(engine, std::move(clock));
}

}  // namespace agentpool::tools
