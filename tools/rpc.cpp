#include "rpc.hpp"

#include <csignal>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "line_reader.hpp"
#include "real_clock.hpp"
#include "rpc_session.hpp"
#include "store_url.hpp"
#include "trace_file.hpp"

namespace agentpool::tools {

core::outcome<void> serve_rpc(const rpc_serving& what, int input, int output) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of write
  const auto clock = std::make_shared<const real_clock>();
  auto backend = open_store(what.store, *clock, store_use::read_write);
  if (!backend) return backend.error();
  auto recorder = record_to(what.trace);
  if (!recorder) return recorder.error();
  actors::engine_options options;
  options.watch = std::move(*recorder);
  options.clock = clock;
  options.limits.retained_entries = what.retain;
  actors::engine engine{std::move(*backend), std::move(options)};
  rpc_limits limits;
  limits.under_way_max = what.under_way;
  rpc_session session{engine, output, limits};
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

}  // namespace agentpool::tools
