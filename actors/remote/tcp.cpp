#include "agentpool/actors/remote/tcp.hpp"

#include <utility>

#include "actors/remote/transport.hpp"
#include "agentpool/messages/type_ids.hpp"

namespace agentpool::actors::remote {

namespace {

class tcp final : public network {
 public:
  explicit tcp(std::shared_ptr<transport> over) : over_{std::move(over)} {}
  ~tcp() override { over_->close(); }
  tcp(const tcp&) = delete;
  tcp& operator=(const tcp&) = delete;

  core::outcome<std::string> listen(const std::string& at, caf::actor published) override {
    const auto where = parse_endpoint(at);
    if (!where) return where.error();
    auto real = over_->listen(*where, published, {});
    if (!real) return real.error();
    return to_text(*real);
  }
  void publish(caf::actor another) override { over_->publish(another, {}); }
  void dial(const std::string& at, callback<caf::actor> then) override {
    const auto where = parse_endpoint(at);
    if (!where) return then(where.error());
    over_->dial(*where, std::move(then));
  }
  void close() override { over_->close(); }

 private:
  std::shared_ptr<transport> over_;
};

}  // namespace

engine_options with_tcp(engine_options options, const tcp_options& tcp) {
  options.configure = [before = std::move(options.configure),
                       limits = tcp.limits](caf::actor_system_config& config) {
    if (before) before(config);
    add_transport_to(config, limits);
  };
  return options;
}

core::outcome<std::shared_ptr<network>> tcp_network(caf::actor_system& system,
                                                    const tcp_options& with) {
  auto made = transport::make(system, with.security, with.limits, messages::remote_message_names());
  if (!made) return made.error();
  return std::shared_ptr<network>{std::make_shared<tcp>(*std::move(made))};
}

client_options with_tcp(client_options options, const tcp_options& with) {
  options.engine = with_tcp(std::move(options.engine), with);
  options.network = [with](caf::actor_system& system) { return tcp_network(system, with); };
  return options;
}

}  // namespace agentpool::actors::remote
