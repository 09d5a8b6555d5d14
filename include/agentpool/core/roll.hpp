#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentpool/core/log.hpp"
#include "agentpool/core/outcome.hpp"

namespace agentpool::core {

/// Where an event stands in its pool's streams. Live-only events repeat the `event_seq` of the
/// stored event before them and count on from there by `live_ordinal`.
struct stamp {
  std::uint64_t event_seq = 0;
  std::uint64_t live_ordinal = 0;

  friend auto operator<=>(const stamp&, const stamp&) = default;
};

/// A log entry (or a live-only event) as it was published: what the log alone does not say.
struct published {
  entry_ptr entry;
  stamp at;
  std::uint64_t number = 0;  ///< journal_seq and the n of the event id; 0 for host events.
  core::run_id run_id;       ///< The run that the event is of.
  core::agent_id agent_id;
  bool in_scope = false;  ///< The run was an observable member.
};

/// Members by run id.
struct by_run_id {
  using is_transparent = void;

  [[nodiscard]] static const run_id& id(const run_id& run) noexcept { return run; }
  [[nodiscard]] static const run_id& id(const pool_member& member) noexcept {
    return member.run_id;
  }
  [[nodiscard]] static const run_id& id(const pool_member* member) noexcept {
    return member->run_id;
  }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const noexcept {
    return id(a) < id(b);
  }
};
using member_set = std::set<pool_member, by_run_id>;
using member_ptr_set = std::set<const pool_member*, by_run_id>;

/// Who is in a pool and how far its numbering is: what projections need to know of the log before
/// an entry. Walks a log entry by entry.
class roll {
 public:
  roll() = default;
  roll(const roll&) = delete;
  roll& operator=(const roll&) = delete;
  roll(roll&&) = default;
  roll& operator=(roll&&) = default;
  ~roll() = default;

  /// Takes the next entry and appends what it publishes to `out`: nothing for `pool_opened`, and
  /// `pool_created` together with the join that follows it.
  void step(const entry_ptr& entry, std::vector<published>& out);

  [[nodiscard]] const std::optional<pool_config>& config() const noexcept { return config_; }
  [[nodiscard]] bool created() const noexcept { return created_; }
  [[nodiscard]] const member_set& members() const noexcept { return members_; }
  [[nodiscard]] const pool_member* member(const core::run_id& run) const noexcept;
  [[nodiscard]] const member_ptr_set* with_agent(const core::agent_id& agent) const noexcept;
  [[nodiscard]] const member_ptr_set* with_topic(const core::topic_id& topic) const noexcept;
  /// The topics that members list, sorted.
  [[nodiscard]] std::vector<topic_id> topics() const;
  /// The member holds all the pool's policy refs.
  [[nodiscard]] bool observable(const pool_member& member) const noexcept;
  /// The agent of a run that is or was a member; "agent.unknown" of any other.
  [[nodiscard]] core::agent_id agent_of(const core::run_id& run) const;

  /// The roll in bytes, and back; an error when they are not a roll's. Only between transactions:
  /// not while `pool_created` waits for its join.
  [[nodiscard]] std::string packed() const;
  [[nodiscard]] static outcome<roll> unpacked(std::string_view bytes);

  [[nodiscard]] log_position position() const noexcept { return position_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] stamp last() const noexcept { return last_; }
  [[nodiscard]] std::uint64_t recorded_at_millis() const noexcept { return recorded_at_millis_; }

 private:
  friend class pool_state;

  const pool_member& put_member(const pool_member& member);
  void drop_member(const core::run_id& run);
  void take_off(member_set::const_iterator where);
  [[nodiscard]] const core::agent_id* known_agent(const core::run_id& run) const noexcept;
  void step_record(const entry_ptr& entry, const store_record& record, std::vector<published>& out);
  void publish(const entry_ptr& entry, const core::run_id& run, const pool_member* member,
               std::vector<published>& out);

  std::optional<pool_config> config_;
  bool created_ = false;
  member_set members_;
  std::map<agent_id, member_ptr_set> agents_;
  std::map<topic_id, member_ptr_set> topics_;
  std::unordered_map<run_id, agent_id> former_;  ///< Runs that left, and their agents.
  entry_ptr pending_created_;                    ///< Its run is told by the join that follows.
  log_position position_;
  std::uint64_t number_ = 0;
  stamp last_;
  std::uint64_t recorded_at_millis_ = 0;
};

}  // namespace agentpool::core
