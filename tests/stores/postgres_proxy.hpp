// Stands between a store and its PostgreSQL server, and fails it when asked to.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "temporary_directory.hpp"

namespace agentpool::stores {

/// A socket that passes on to the server's what comes, and back.
class postgres_proxy {
 public:
  /// For the server whose socket is in that folder.
  explicit postgres_proxy(std::string server_folder);
  ~postgres_proxy();
  postgres_proxy(const postgres_proxy&) = delete;
  postgres_proxy& operator=(const postgres_proxy&) = delete;

  [[nodiscard]] std::string conninfo() const;

  /// The next COMMIT that the server answers is not answered to the client: its connection ends.
  void swallow_commit() { swallows_ = true; }
  [[nodiscard]] bool swallowed() const { return !swallows_; }

  /// Of the next insert of records only a half arrives at the server, and then nothing passes on
  /// that connection any more in either direction, while both ends of it stay open.
  void halt_in_insert() { halts_ = true; }

  /// Whoever connects is sent away, or let in again.
  void shut(bool shut) { shut_ = shut; }

 private:
  struct pair {
    int client = -1;
    int server = -1;
    bool halted = false;
  };

  void work();
  void let_in();
  [[nodiscard]] bool pass_on(pair& between, bool to_server);

  std::string server_folder_;
  support::temporary_directory folder_;
  int listener_ = -1;
  int ending_[2] = {-1, -1};
  std::vector<pair> pairs_;
  std::atomic<bool> swallows_{false};
  std::atomic<bool> halts_{false};
  std::atomic<bool> shut_{false};
  std::thread worker_;
};

}  // namespace agentpool::stores
