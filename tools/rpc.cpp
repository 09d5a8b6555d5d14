#include "rpc.hpp"

#include <csignal>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "line_reader.hpp"
#include "real_clock.hpp"
#include "rpc_session.hpp"
#include "store_url.hpp"
#include "trace_file.hpp"

namespace agentpool::tools {

namespace {

/// Until the end of input, or until nobody reads the answers.
core::outcome<void> serve(actors::engine& engine, const rpc_serving& what, int input, int output,
                          actors::remote::client* program) {
  rpc_limits limits;
  limits.under_way_max = what.under_way;
  rpc_session session{engine, output, limits, program};
  line_reader lines{input, limits.line_bytes_max};
  while (auto line = lines.next()) {
    if (session.broken()) break;
    if (line->too_long) {
      session.refuse_long_line();
    } else {
      session.take(line->text);
    }
  }
  session.finish();
  const bool unread = session.broken();
  engine.close();
  if (unread) return core::store_unavailable("standard output was closed before the end");
  return {};
}

core::outcome<void> serve_connected(const rpc_serving& what, int input, int output,
                                    actors::engine_options options) {
  if (what.retain != 0)
    return core::host_configuration_needed("--retain is the nodes' to say, not a program's");
  auto program = reach(what.connect, what.network, "agentpool rpc", std::move(options));
  if (!program) return program.error();
  return serve((*program)->pools(), what, input, output, program->get());
}

}  // namespace

core::outcome<void> serve_rpc(const rpc_serving& what, int input, int output) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write
  if (what.store.empty() == what.connect.empty())
    return core::host_configuration_needed("name a store with --store or nodes with --connect");
  const auto clock = std::make_shared<const real_clock>();
  auto recorder = record_to(what.trace);
  if (!recorder) return recorder.error();
  actors::engine_options options;
  options.watch = std::move(*recorder);
  options.clock = clock;
  options.limits.retained_entries = what.retain;
  if (!what.connect.empty()) return serve_connected(what, input, output, std::move(options));
  auto backend = open_store(what.store, *clock, store_use::read_write);
  if (!backend) return backend.error();
  actors::engine engine{std::move(*backend), std::move(options)};
  return serve(engine, what, input, output, nullptr);
}

}  // namespace agentpool::tools
