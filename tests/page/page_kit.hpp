#pragma once

#include <memory>
#include <string>
#include <vector>

#include "page/browser.hpp"
#include "process/rpc_client.hpp"
#include "support/temporary_directory.hpp"

/// Pools in a file, a server of them, and a program beside it that fills them.
namespace agentpool::tests {

inline const std::string pool = "pool.p";

class served_pools {
 public:
  /// With one pool. `options`: further ones of the server.
  explicit served_pools(const std::vector<std::string>& options = {});

  [[nodiscard]] const std::string& url() const { return url_; }
  /// Of the pool on the page.
  [[nodiscard]] std::string page(const std::string& rest = {}) const {
    return url_ + "/#/" + pool + rest;
  }
  /// SIGKILL, and all is as if the machine had stopped.
  void kill_server() { server_->kill(); }
  /// At the address that it had.
  void start_again();

  /// Removes what is old and done, but for the latest so many entries. Only while no server runs.
  void compact(int keep);

  /// Asks the program beside it; the pool is named already.
  json ask(const std::string& method, json params);
  /// The same, without waiting for the answer.
  void give(const std::string& method, json params);
  /// Until all that was given is done.
  void settle();

  void join(const std::string& run) { ask("join_run", {{"member", member("run." + run)}}); }
  void send(const std::string& name, const std::string& from, const std::string& to) {
    ask("send", {{"message", message(name, "run." + from, "run." + to)}});
  }
  /// The run waits for this kind of event of that run.
  void wait(const std::string& name, const std::string& run, const std::string& kind,
            const std::string& on);

 private:
  [[nodiscard]] std::string store() const { return "sqlite:" + folder_.file("pools.db"); }
  void start(const std::string& listen);

  support::temporary_directory folder_;
  std::vector<std::string> options_;
  std::unique_ptr<support::process> server_;
  std::string url_;
  std::unique_ptr<rpc_client> beside_;
  std::vector<int> given_;
};

/// The texts of a list's rows that are there, from the top.
inline std::string rows(const std::string& list) {
  return "[...document.querySelectorAll('#" + list +
         "-list .row')].sort((a, b) => a.ariaPosInSet - b.ariaPosInSet)"
         ".map((row) => [...row.querySelectorAll('.first > *, .second > *')]"
         ".map((part) => part.textContent).join(' | '))";
}

}  // namespace agentpool::tests
