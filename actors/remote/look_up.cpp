#include "actors/remote/look_up.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <optional>
#include <thread>
#include <utility>

namespace agentpool::actors::remote {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// Look-ups under way in this process, at most; each has a thread.
constexpr int look_ups_max = 64;
std::atomic<int> look_ups{0};

std::optional<tcp::endpoint> as_address(const endpoint& where) {
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(where.host, no_address);
  if (no_address) return {};
  return tcp::endpoint{address, where.port};
}

}  // namespace

addresses look_up(const endpoint& where) {
  if (const auto address = as_address(where)) return {{*address}, {}};
  addresses all;
  asio::io_context own;
  tcp::resolver resolver{own};
  const auto found = resolver.resolve(where.host, std::to_string(where.port),
                                      tcp::resolver::numeric_service, all.fault);
  for (const auto& each : found) all.found.push_back(each.endpoint());
  return all;
}

void look_up_apart(std::shared_ptr<asio::io_context> io, const endpoint& where,
                   std::function<void(addresses)> then) {
  if (const auto address = as_address(where)) return then({{*address}, {}});
  if (look_ups.fetch_add(1) >= look_ups_max) {
    look_ups.fetch_sub(1);
    return then({{}, asio::error::try_again});
  }
  std::thread{[io = std::move(io), where, then = std::move(then)]() mutable {
    auto found = look_up(where);
    look_ups.fetch_sub(1);
    // Moved: what `then` keeps has to go before `io`, or with it.
    asio::post(*io, [then = std::move(then), found = std::move(found)] { then(found); });
  }}.detach();
}

}  // namespace agentpool::actors::remote
