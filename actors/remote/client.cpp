#include "agentpool/actors/remote/client.hpp"

#include <openssl/rand.h>

#include <array>
#include <caf/send.hpp>
#include <utility>

#include "actors/remote/dialing.hpp"
#include "actors/remote/remote_pools.hpp"
#include "agentpool/actors/blocking.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

std::array<unsigned char, 32> random_bytes() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error{"the system gives no random bytes"};
  return bytes;
}

std::string random_token() {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : random_bytes()) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  for (const auto byte : random_bytes()) seed = seed << 8U | byte;
  return seed;
}

}  // namespace

class client::parts {
 public:
  explicit parts(client_options options) : options_{std::move(options)} {
    dialing::setup with;
    with.seeds = options_.nodes;
    with.program = options_.program;
    with.limits = options_.limits;
    with.dial = [this](const std::string& endpoint, callback<caf::actor> then) {
      network_->dial(endpoint, std::move(then));
    };
    with.make_token = options_.make_token ? options_.make_token : random_token;
    with.seed = options_.seed ? *options_.seed : random_seed();
    with.on_change = options_.on_link;
    engine_ = std::make_unique<engine>(
        remote_pools(std::move(with),
                     [this](std::shared_ptr<dialing> made) { around_ = std::move(made); }),
        options_.engine);
  }
  ~parts() { close(); }

  core::outcome<bool> reach() {
    auto made = options_.network(engine_->system());
    if (!made) return made.error();
    network_ = *std::move(made);
    return true;
  }
  void close() {
    engine_->close();
    if (network_) network_->close();
  }

  [[nodiscard]] engine& pools() { return *engine_; }
  [[nodiscard]] dialing& around() const { return *around_; }

 private:
  client_options options_;
  std::shared_ptr<dialing> around_;
  std::unique_ptr<engine> engine_;
  std::shared_ptr<network> network_;
};

client::client(std::unique_ptr<parts> of) : parts_{std::move(of)} {}

client::~client() = default;

core::outcome<std::unique_ptr<client>> client::make(client_options options) {
  if (options.nodes.empty())
    return core::host_configuration_needed("a program needs the endpoint of at least one node");
  if (!options.network)
    return core::host_configuration_needed("a program needs a network to reach its nodes");
  auto made = std::make_unique<parts>(std::move(options));
  if (const auto reached = made->reach(); !reached) return reached.error();
  return std::unique_ptr<client>{new client{std::move(made)}};
}

engine& client::pools() noexcept { return parts_->pools(); }

std::optional<std::string> client::token(const core::pool_id& pool, const core::run_id& run) const {
  return parts_->around().token(pool, run);
}

void client::present(const core::pool_id& pool, const core::run_id& run, std::string token) {
  parts_->around().keep_token(pool, run, std::move(token));
}

std::vector<link_report> client::links() const { return parts_->around().reports(); }

std::vector<pool_report> client::reports() const { return parts_->around().pools(); }

void client::status(const std::string& endpoint, callback<messages::status_told> then) {
  const auto link = parts_->around().to(endpoint);
  if (!link) return then(messages::closed());
  auto ask = std::make_shared<messages::node_call>();
  ask->ask = messages::ask_status{};
  ask->back = messages::reply<messages::node_answer>{
      [then = std::move(then)](core::outcome<messages::node_answer> what) {
        if (!what) return then(what.error());
        then(std::get<messages::status_told>(std::move(*what)));
      }};
  caf::anon_send(link, messages::node_asked{std::move(ask)});
}

core::outcome<messages::status_told> client::status(const std::string& endpoint) {
  return blocking<messages::status_told>(
      [&](callback<messages::status_told> then) { status(endpoint, std::move(then)); });
}

void client::close() { parts_->close(); }

}  // namespace agentpool::actors::remote
