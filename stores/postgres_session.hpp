#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/stores/postgres.hpp"
#include "stores/postgres_connection.hpp"

namespace agentpool::stores {

/// A connection that is made anew when it was lost, and transactions of which it is always known
/// whether they were committed. Throws `postgres_fault`.
///
/// Each transaction begins by writing its number into this writer's own row, so that the row is
/// locked until the transaction has ended. When the answer to a COMMIT is missing, a new connection
/// takes that lock, which waits for the end of whatever the old one still does, and reads there
/// which transaction was the last.
class postgres_session {
 public:
  /// Connects, once, and looks at the tables, or makes them.
  postgres_session(std::string conninfo, postgres_options options);
  ~postgres_session();
  postgres_session(const postgres_session&) = delete;
  postgres_session& operator=(const postgres_session&) = delete;

  /// Does `work(connection, until)`, which may be done twice, again as often as the connection is
  /// lost, within the bound of a call.
  template <class Work>
  auto repeated(Work work) {
    std::optional<std::invoke_result_t<Work, postgres_connection&, const deadline&>> done;
    within_bound([&](const deadline& until) { done.emplace(work(ready(until), until)); });
    return *std::move(done);
  }

  /// A transaction. `work(connection, until)` finds it begun; the first answers it receives are the
  /// `begin_answers` of that. It leaves its last statements unsent, to go along with the COMMIT,
  /// and gives what to return and whether there is anything to commit.
  template <class Work>
  auto transacted(Work work) {
    using worked = std::invoke_result_t<Work, postgres_connection&, const deadline&>;
    std::optional<typename worked::first_type> done;
    within_bound([&](const deadline& until) {
      if (open_ && settle(until) && done) return;
      done.reset();
      auto& connection = begin(until);
      auto [result, changes] = work(connection, until);
      done.emplace(std::move(result));
      if (changes) return commit(connection, until);
      connection.roll_back(until);
    });
    return *std::move(done);
  }
  static constexpr std::size_t begin_answers = 2;

  /// The pools that others wrote to since the last call. Asks the server nothing as long as the
  /// connection stands; else tries to connect, but not at every call.
  [[nodiscard]] std::vector<core::pool_id> take_changed();

 private:
  template <class Work>
  void within_bound(Work work) {
    const deadline until{options_.call_wait_max};
    for (auto pause = options_.pause_min;; pause = std::min(2 * pause, options_.pause_max)) {
      try {
        return work(until);
      } catch (const postgres_fault& fault) {
        recover(fault, until);
      } catch (const corrupt_row&) {
        throw;  // what was read is at fault, not the connection
      } catch (...) {
        connection_.reset();
        throw;
      }
      until.pause(pause);
    }
  }

  [[nodiscard]] postgres_connection& ready(const deadline& until);
  void connect(const deadline& until);
  void set_up(const deadline& until);
  void keep_apart(const deadline& until);
  void find_tables(const deadline& until);
  void end_former(const deadline& until);
  void listen(const deadline& until);
  void enlist(const deadline& until);
  [[nodiscard]] postgres_connection& begin(const deadline& until);
  void commit(postgres_connection& connection, const deadline& until);
  bool settle(const deadline& until);
  void recover(const postgres_fault& fault, const deadline& until);
  void take_notices();
  void look(const deadline& until);

  std::string conninfo_;
  postgres_options options_;
  std::unique_ptr<postgres_connection> connection_;
  std::uint64_t backend_ = 0;  ///< Process id of the last connection's backend; 0: none yet.
  std::string started_;        ///< When that backend started, as it says.

  std::string writer_;                 ///< The name of this writer's row; empty before the first.
  std::uint64_t written_ = 0;          ///< Its last transaction that was committed.
  std::optional<std::uint64_t> open_;  ///< The one of which that is not known.

  std::set<core::pool_id> changed_;
  bool all_changed_ = false;
  bool listens_ = true;  ///< A server in recovery cannot.
  int looks_to_skip_ = 0;
  int looks_skipped_ = 0;
};

}  // namespace agentpool::stores
