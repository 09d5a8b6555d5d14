#include "postgres_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace agentpool::stores {

namespace {

/// PostgreSQL's name for its socket in a folder.
sockaddr_un address_in(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/.s.PGSQL.5432";
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error{"the path is too long"};
  std::memcpy(address.sun_path, path.c_str(), path.size());
  return address;
}

int new_socket() {
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) throw std::runtime_error{"no socket"};
  return made;
}

}  // namespace

postgres_proxy::postgres_proxy(std::string server_folder)
    : server_folder_{std::move(server_folder)}, listener_{new_socket()} {
  const auto address = address_in(folder_.path().string());
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 16) != 0 || pipe(ending_) != 0)
    throw std::runtime_error{"cannot listen"};
  worker_ = std::thread{[this] { work(); }};
}

postgres_proxy::~postgres_proxy() {
  close(ending_[1]);
  worker_.join();
  close(ending_[0]);
  close(listener_);
  for (const auto& each : pairs_) {
    close(each.client);
    close(each.server);
  }
}

std::string postgres_proxy::conninfo() const {
  return "host=" + folder_.path().string() + " dbname=postgres user=tests";
}

void postgres_proxy::work() {
  while (true) {
    std::vector<pollfd> watched{{ending_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& each : pairs_) {
      watched.push_back({each.halted ? -1 : each.client, POLLIN, 0});
      watched.push_back({each.halted ? -1 : each.server, POLLIN, 0});
    }
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    std::vector<pair> left;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const bool alive = (watched[2 + 2 * i].revents == 0 || pass_on(pairs_[i], true)) &&
                         (watched[3 + 2 * i].revents == 0 || pass_on(pairs_[i], false));
      if (alive) {
        left.push_back(pairs_[i]);
      } else {
        close(pairs_[i].client);
        close(pairs_[i].server);
      }
    }
    pairs_ = std::move(left);
    if (watched[1].revents != 0) let_in();
  }
}

void postgres_proxy::let_in() {
  const int client = accept(listener_, nullptr, nullptr);
  if (client < 0) return;
  const int server = new_socket();
  const auto address = address_in(server_folder_);
  if (!shut_ && connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return pairs_.push_back({client, server});
  close(client);
  close(server);
}

bool postgres_proxy::pass_on(pair& between, bool to_server) {
  char bytes[65536];
  const auto count =
      recv(to_server ? between.client : between.server, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count <= 0) return false;
  const std::string_view text{bytes, static_cast<std::size_t>(count)};
  const std::string_view answer{"COMMIT\0", 7};
  if (!to_server && text.find(answer) != std::string_view::npos && swallows_.exchange(false))
    return false;
  if (to_server && text.find("INSERT INTO agent_pool_records") != std::string_view::npos &&
      halts_.exchange(false)) {
    between.halted = true;
    return send(between.server, bytes, text.size() / 2, MSG_NOSIGNAL) > 0;
  }
  return send(to_server ? between.server : between.client, bytes, text.size(), MSG_NOSIGNAL) ==
         count;
}

}  // namespace agentpool::stores
