#include "postgres_server.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace agentpool::support {

namespace fs = std::filesystem;

namespace {

constexpr int starts_max = 2'000;  ///< Tries, while processes of a killed server are still ending.

const passwd* unprivileged() {
  const auto* user = getpwnam("postgres");
  return user != nullptr ? user : getpwnam("nobody");
}

}  // namespace

std::optional<fs::path> postgres_programs() {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", none})
    if (fs::exists(version.path() / "bin/initdb") && fs::exists(version.path() / "bin/postgres"))
      found.push_back(version.path() / "bin");
  if (!found.empty()) return *std::ranges::max_element(found);
  try {
    const auto told = run_to_end({"/usr/bin/pg_config", {"--bindir"}});
    const fs::path folder = told.output.substr(0, told.output.find('\n'));
    if (told.exit_code == 0 && fs::exists(folder / "initdb") && fs::exists(folder / "postgres"))
      return folder;
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return std::nullopt;
}

postgres_server::postgres_server(std::vector<std::string> settings)
    : settings_{std::move(settings)} {
  if (geteuid() == 0) {
    const auto* user = unprivileged();
    if (user == nullptr || chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("no user to run PostgreSQL as");
  }
  const auto made =
      run_to_end(as_user("initdb", {"-D", folder_.file("data"), "-A", "trust", "-U", "tests", "-E",
                                    "UTF8", "--no-locale", "--no-sync", "--wal-segsize=1"}));
  if (made.exit_code != 0) throw std::runtime_error("initdb failed: " + made.errors);
  start();
}

postgres_server::~postgres_server() {
  try {
    stop();
  } catch (const std::exception&) {
    running_.reset();
  }
}

std::string postgres_server::conninfo_of(const std::string& user) const {
  return "host=" + folder_.path().string() + " dbname=postgres user=" + user;
}

/// Ends with this process: the kernel tells it.
command_line postgres_server::as_user(const std::string& program,
                                      std::vector<std::string> arguments) const {
  std::vector<std::string> all{"--pdeathsig", "QUIT"};
  if (geteuid() == 0) {
    const std::string name = unprivileged()->pw_name;
    all.insert(all.end(), {"--reuid=" + name, "--regid=" + name, "--clear-groups"});
  }
  all.push_back((postgres_programs().value() / program).string());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return {"/usr/bin/setpriv", std::move(all), {{"LC_ALL", "C"}}, folder_.path().string()};
}

void postgres_server::start() {
  std::vector<std::string> arguments{"-D", folder_.file("data"), "-k", folder_.path().string()};
  // Errors of statements are not logged: nobody reads the pipe while the server runs.
  for (const char* setting :
       {"listen_addresses=", "log_min_messages=log", "log_checkpoints=off", "max_connections=20",
        "shared_buffers=16MB", "fsync=on", "unix_socket_permissions=0777"})
    arguments.insert(arguments.end(), {"-c", setting});
  for (const auto& setting : settings_) arguments.insert(arguments.end(), {"-c", setting});
  std::string last;
  for (int tries = 0; tries < starts_max; ++tries) {
    running_ = std::make_unique<process>(as_user("postgres", arguments));
    while (const auto line = running_->error_line()) {
      last = *line;
      if (last.find("ready to accept connections") != std::string::npos) return;
    }
    running_->wait();
  }
  throw std::runtime_error("PostgreSQL does not start: " + last);
}

void postgres_server::kill() {
  if (running_) running_->kill();
  running_.reset();
}

void postgres_server::stop() {
  if (!running_) return;
  running_->send_signal(SIGINT);
  if (!running_->ended_within(std::chrono::seconds{20})) running_->send_signal(SIGQUIT);
  if (!running_->ended_within(std::chrono::seconds{20})) running_->kill();
  running_.reset();
}

}  // namespace agentpool::support
