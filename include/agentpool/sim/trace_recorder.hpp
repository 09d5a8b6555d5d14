#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "agentpool/actors/watch.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::sim {

/// How a live engine is recorded.
struct recorder_options {
  /// Takes whole lines, some at a time, each with its newline. Called by the constructor for the
  /// heading, then on a thread of the recorder. After an error it is not called again.
  std::function<core::outcome<void>(std::string_view)> write;
  /// Time since the recorder was made; called on any thread, so it should be cheap.
  std::function<std::chrono::microseconds()> elapsed;
  core::instant start = {};  ///< When that was.
  /// Bytes of lines that may wait to be written, for each thread that actors run on. What is
  /// handled beyond that is left out and counted.
  std::size_t waiting_bytes_max = std::size_t{16} << 20U;
  std::chrono::milliseconds write_every{100};  ///< At the latest, when there is something.
};

/// Records what the actors of one engine tell each other, for `engine_options::watch`: what a
/// simulated world writes of them (docs/traces.md), a line for each message handled. Steps ascend
/// in the order in which each actor handles its messages, and a cause is before its effect; steps
/// that do not depend on each other come as it happens. Never makes the engine wait for the
/// writing.
class trace_recorder final : public actors::actor_watch {
 public:
  explicit trace_recorder(recorder_options options);
  /// Closes.
  ~trace_recorder() override;

  /// Writes what waits, and ends the recording: the engine should be closed before. The error is
  /// the first one of writing. Closing twice gives the same.
  core::outcome<void> close();

  /// Messages written, or waiting for it.
  [[nodiscard]] std::uint64_t recorded() const;
  /// Messages left out since too much waited. Each time a note `trace_dropped` tells `lines`.
  [[nodiscard]] std::uint64_t dropped() const;

  void on_spawned(std::uint64_t actor, const actors::actor_label& who) override;
  void on_starting(std::uint64_t actor) override;
  void on_sent(std::uint64_t actor, const caf::mailbox_element& what) override;
  void on_handling(std::uint64_t actor, const caf::mailbox_element& what) override;
  void on_handled(std::uint64_t actor) noexcept override;
  void on_destroyed(std::uint64_t actor) noexcept override;
  void on_pool(const core::pool_id& pool, std::function<std::string()> state) override;

 private:
  class parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace agentpool::sim
