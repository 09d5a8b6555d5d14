#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "actors/admission.hpp"
#include "agentpool/actors/pool_handle.hpp"
#include "agentpool/actors/pool_source.hpp"
#include "agentpool/actors/run_handle.hpp"
#include "agentpool/core/boxed.hpp"
#include "agentpool/messages/protocol.hpp"

/// What stands behind handles: the way to an actor, until the engine is closed.
namespace agentpool::actors {

/// The way to a pool and its journal.
class pool_port : public std::enable_shared_from_this<pool_port> {
 public:
  /// `next` gives the way to the pool as it is once this one was let go; null when there is none.
  pool_port(core::pool_id id, pool_actors made, const engine_limits& limits,
            std::function<std::shared_ptr<pool_port>()> next);
  /// A port that answers `why` to everything.
  pool_port(core::pool_id id, core::agent_error why);

  [[nodiscard]] const core::pool_id& id() const noexcept { return id_; }

  void ask(core::command ask, std::chrono::milliseconds wait, callback<core::answer> then,
           std::optional<core::membership> as = {});
  /// What a run asks: held when it is too much, never refused for that.
  void ask_for_run(std::shared_ptr<messages::pool_call> call);
  /// By way of the pool, so that it comes after everything asked before.
  void ask_in_order(messages::journal_question ask, callback<messages::journal_answer> then);
  /// The same for what opens a stream; told, too, is the port whose journal has it.
  using stream_taker =
      std::function<void(std::shared_ptr<pool_port>, core::outcome<messages::journal_answer>)>;
  void open_stream(messages::journal_question ask, stream_taker then);
  /// At once: for streams that are open, and so only to the journal that opened them.
  void ask_journal(messages::journal_question ask, callback<messages::journal_answer> then);
  void close_stream(std::uint64_t stream);
  [[nodiscard]] pool_load load() const;

  [[nodiscard]] messages::pool_actor pool() const;
  [[nodiscard]] messages::journal_actor journal() const;

  /// Lets go of the actors: from now on everything is answered with an error.
  void close();

  /// Lets go of the actors unless a request is not answered. What is asked later is asked of the
  /// next port.
  [[nodiscard]] bool let_go();

 private:
  void enter(admission::request what, admission::asker from,
             std::shared_ptr<pool_port>* taker = nullptr);
  [[nodiscard]] std::shared_ptr<pool_port> find_next() const;

  core::pool_id id_;
  std::shared_ptr<admission> door_;  ///< None when there is no pool behind it.
  mutable std::mutex lock_;
  messages::pool_actor pool_;
  messages::journal_actor journal_;
  core::agent_error why_closed_;
  std::function<std::shared_ptr<pool_port>()> next_;
  mutable std::shared_ptr<pool_port> last_next_;  ///< The one that was found last.
};

/// What is known of a run, and the way to its actor.
class run_port {
 public:
  run_port(core::run_id id, std::shared_ptr<pool_port> pool);

  [[nodiscard]] const core::run_id& id() const noexcept { return id_; }
  [[nodiscard]] const std::shared_ptr<pool_port>& pool() const noexcept { return pool_; }

  [[nodiscard]] run_status status() const;
  [[nodiscard]] std::optional<core::agent_error> failure() const;
  [[nodiscard]] run_status wait(std::chrono::milliseconds timeout);

  void enter(run_status status, core::boxed_optional<core::agent_error> failure = {});
  void hold(messages::member_run_actor actor);
  [[nodiscard]] messages::member_run_actor actor() const;
  void cancel();
  /// Lets go of the actor; who waits is told the status as it is.
  void close();

 private:
  struct rarely_used {
    std::condition_variable changed;
    std::optional<core::agent_error> failure;
  };
  [[nodiscard]] rarely_used& rare();

  core::run_id id_;
  std::shared_ptr<pool_port> pool_;
  mutable std::mutex lock_;
  std::unique_ptr<rarely_used> rare_;  ///< None until needed: there are many runs.
  messages::member_run_actor actor_;
  run_status status_ = run_status::pending;
  bool closed_ = false;
};

}  // namespace agentpool::actors
