// A PostgreSQL server of a test's own.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process.hpp"
#include "temporary_directory.hpp"

namespace agentpool::support {

/// The folder of the server's programs; none where they are not installed: then call `skip`.
[[nodiscard]] std::optional<std::filesystem::path> postgres_programs();

/// Why the tests on PostgreSQL are skipped without them.
inline constexpr const char* postgres_missing =
    "no PostgreSQL server programs here (Debian: the package postgresql)";

/// A server on data of its own in a temporary folder, that listens on a socket in that folder
/// alone. It ends with this object, at the latest with this process, also when that is killed. As
/// root it runs as the user that its package made.
class postgres_server {
 public:
  /// Makes the data and starts. `settings` are "name=value". Throws when it cannot.
  explicit postgres_server(std::vector<std::string> settings = {});
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// A connection string for the user who may do everything.
  [[nodiscard]] std::string conninfo() const { return conninfo_of("tests"); }
  [[nodiscard]] std::string conninfo_of(const std::string& user) const;

  [[nodiscard]] const temporary_directory& folder() const noexcept { return folder_; }

  /// SIGKILL to the server's first process; the others end when they notice.
  void kill();
  /// Ends it in good order, without waiting for its clients.
  void stop();
  /// On the same data, after `kill` or `stop`.
  void start();
  void add_setting(std::string setting) { settings_.push_back(std::move(setting)); }

 private:
  [[nodiscard]] command_line as_user(const std::string& program,
                                     std::vector<std::string> arguments) const;

  temporary_directory folder_;
  std::vector<std::string> settings_;
  std::unique_ptr<process> running_;
};

}  // namespace agentpool::support
