#include "agentpool/actors/remote/node.hpp"

#include <spdlog/spdlog.h>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <mutex>
#include <utility>
#include <vector>

#include "actors/remote/directory.hpp"
#include "actors/remote/gateway.hpp"
#include "agentpool/actors/blocking.hpp"
#include "agentpool/actors/log.hpp"
#include "agentpool/actors/system_clock.hpp"
#include "agentpool/actors/watched.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

class node::parts : public std::enable_shared_from_this<node::parts> {
 public:
  parts(engine& of, std::shared_ptr<network> over, node_options options)
      : engine_{of}, over_{std::move(over)}, options_{std::move(options)} {
    if (!options_.clock) options_.clock = std::make_shared<system_clock>();
    around_ =
        std::make_shared<surroundings>(engine_, options_.clock, options_.limits, options_.watch);
  }

  void start(callback<std::string> then);
  void close(std::chrono::milliseconds most);
  [[nodiscard]] std::uint64_t refused() const { return around_->refused; }

 private:
  [[nodiscard]] caf::actor make_gateway();
  [[nodiscard]] bool enter(const messages::session_actor& session);
  void make_directory(std::function<void(core::outcome<bool>)> ready);
  void keep();
  void end(const std::vector<caf::actor>& actors, std::chrono::milliseconds most);

  engine& engine_;
  std::shared_ptr<network> over_;
  node_options options_;
  std::shared_ptr<surroundings> around_;
  std::mutex lock_;
  bool closed_ = false;
  caf::actor keeper_;
  caf::actor gateway_;
  std::vector<caf::weak_actor_ptr> sessions_;
};

caf::actor node::parts::make_gateway() {
  const std::weak_ptr<parts> weak = shared_from_this();
  const auto began = [weak](const messages::session_actor& session) {
    if (const auto self = weak.lock(); !self || !self->enter(session))
      caf::anon_send(session, messages::closing{});
  };
  return caf::actor_cast<caf::actor>(spawn_watched(engine_.system(), options_.watch,
                                                   {actor_role::gateway}, gateway, around_, began));
}

/// False once the node ends: who greeted it meanwhile would keep a session that nobody ends.
bool node::parts::enter(const messages::session_actor& session) {
  const std::lock_guard guard{lock_};
  if (closed_) return false;
  std::erase_if(sessions_, [](const auto& known) { return !known.lock(); });
  sessions_.push_back(caf::actor_cast<caf::weak_actor_ptr>(session));
  return true;
}

void node::parts::make_directory(std::function<void(core::outcome<bool>)> ready) {
  around_->directory(spawn_watched(engine_.system(), options_.watch, {actor_role::directory},
                                   remote::directory, around_, std::move(ready)));
}

/// Whoever is connected may harm what it can name: the gateway is made anew when it ends. So is
/// the directory, which nobody can name, should it fail.
void node::parts::keep() {
  const std::weak_ptr<parts> weak = shared_from_this();
  keeper_ = engine_.system().spawn([weak](caf::event_based_actor* self) -> caf::behavior {
    const auto watch = [self, weak] {
      if (const auto of = weak.lock()) {
        self->monitor(of->gateway_);
        self->monitor(of->around_->directory());
      }
    };
    self->set_down_handler([self, weak, watch](const caf::down_msg& down) {
      const auto of = weak.lock();
      if (!of) return self->quit();
      const std::lock_guard guard{of->lock_};
      if (of->closed_) return self->quit();
      if (down.source == of->gateway_.address()) {
        logger().warn("the node's gateway ended: another takes its place");
        of->gateway_ = of->make_gateway();
        self->monitor(of->gateway_);
        of->over_->publish(of->gateway_);
      } else if (down.source == of->around_->directory().address()) {
        logger().error("the node's directory failed: another takes its place");
        of->make_directory({});
        self->monitor(of->around_->directory());
      }
    });
    watch();
    return {[self](messages::closing) { self->quit(); }};
  });
}

void node::parts::start(callback<std::string> then) {
  gateway_ = make_gateway();
  auto endpoint = over_->listen(options_.listen, gateway_);
  if (!endpoint) return then(endpoint.error());
  around_->endpoint = options_.advertise.empty() ? *endpoint : options_.advertise;
  around_->node = options_.name.empty() ? around_->endpoint : options_.name;
  around_->named = true;
  make_directory([then = std::move(then), endpoint = *endpoint](const core::outcome<bool>& ready) {
    if (!ready) return then(ready.error());
    then(endpoint);
  });
  keep();
}

void node::parts::close(std::chrono::milliseconds most) {
  std::vector<caf::actor> sessions;
  {
    const std::lock_guard guard{lock_};
    if (std::exchange(closed_, true)) return;
    if (keeper_) caf::anon_send(keeper_, messages::closing{});
    for (const auto& known : sessions_)
      if (auto session = caf::actor_cast<caf::actor>(known)) sessions.push_back(std::move(session));
  }
  // First the leases: who is told to go finds the pools free.
  if (const auto directory = around_->directory())
    end({caf::actor_cast<caf::actor>(directory)}, most);
  end(sessions, most);
  if (gateway_) caf::anon_send_exit(gateway_, caf::exit_reason::user_shutdown);
  over_->close();
  around_->directory(messages::directory_actor{});
  gateway_ = nullptr;
  keeper_ = nullptr;
}

/// Tells them to end and waits until they have.
void node::parts::end(const std::vector<caf::actor>& actors, std::chrono::milliseconds most) {
  for (const auto& actor : actors) caf::anon_send(actor, messages::closing{});
  if (most.count() == 0) return;
  caf::scoped_actor self{engine_.system()};
  for (const auto& actor : actors) self->monitor(actor);
  std::size_t left = actors.size();
  bool late = false;
  while (left > 0 && !late)
    self->receive([&](const caf::down_msg&) { --left; }, caf::after(most) >> [&] { late = true; });
  if (late) logger().warn("the node did not end in time");
}

node::node(engine& of, std::shared_ptr<network> over, node_options options)
    : parts_{std::make_shared<parts>(of, std::move(over), std::move(options))} {}

node::~node() { close(); }

void node::start(callback<std::string> then) { parts_->start(std::move(then)); }

core::outcome<std::string> node::start() {
  return blocking<std::string>([this](callback<std::string> then) { start(std::move(then)); });
}

std::uint64_t node::refused() const { return parts_->refused(); }

void node::close(std::chrono::milliseconds most) { parts_->close(most); }

}  // namespace agentpool::actors::remote
