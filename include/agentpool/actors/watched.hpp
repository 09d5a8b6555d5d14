#pragma once

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/init_fun_factory.hpp>
#include <caf/mailbox_element.hpp>
#include <memory>
#include <utility>

#include "agentpool/actors/watch.hpp"

namespace agentpool::actors {

/// An actor that tells a watch what it is sent and handles.
template <class Impl>
class watched final : public Impl {
 public:
  watched(caf::actor_config& config, std::shared_ptr<actor_watch> watch, const actor_label& who)
      : Impl{config}, watch_{std::move(watch)} {
    watch_->on_spawned(this->id(), who);
  }
  ~watched() override { watch_->on_destroyed(this->id()); }

  void initialize() override {
    watch_->on_starting(this->id());
    const until_handled end{*watch_, this->id()};
    Impl::initialize();
  }

  using Impl::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override {
    watch_->on_sent(this->id(), *what);
    Impl::enqueue(std::move(what), unit);
  }

  using Impl::consume;
  caf::invoke_message_result consume(caf::mailbox_element& what) override {
    watch_->on_handling(this->id(), what);
    const until_handled end{*watch_, this->id()};
    return Impl::consume(what);
  }

 private:
  /// Tells the end also of what throws.
  struct until_handled {
    actor_watch& watch;
    caf::actor_id actor;
    until_handled(actor_watch& of, caf::actor_id who) : watch{of}, actor{who} {}
    until_handled(const until_handled&) = delete;
    until_handled& operator=(const until_handled&) = delete;
    ~until_handled() { watch.on_handled(actor); }
  };

  std::shared_ptr<actor_watch> watch_;
};

/// Spawns as `actor_system::spawn` does; with a watch, an actor that tells it.
template <caf::spawn_options Options = caf::no_spawn_options, class Behavior, class... Args>
auto spawn_watched(caf::actor_system& system, const std::shared_ptr<actor_watch>& watch,
                   const actor_label& who, Behavior behavior, Args&&... args) {
  if (!watch) return system.spawn<Options>(behavior, std::forward<Args>(args)...);
  using impl = caf::infer_impl_from_fun_t<Behavior>;
  caf::actor_config config;
  caf::detail::init_fun_factory<impl, Behavior> make;
  config.init_fun = make(std::move(behavior), std::forward<Args>(args)...);
  return system.spawn_impl<watched<impl>, Options>(config, watch, who);
}

}  // namespace agentpool::actors
