#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "bench.hpp"
#include "cert.hpp"
#include "compact.hpp"
#include "inspect.hpp"
#include "network_options.hpp"
#include "node.hpp"
#include "rpc.hpp"
#include "run_survey.hpp"
#include "serve/mcp_stdio.hpp"
#include "serve/serve_options.hpp"
#include "simulate.hpp"
#include "soak.hpp"
#include "store_url.hpp"
#include "trace.hpp"
#include "version.hpp"

namespace {

using namespace agentpool;

/// What the program's exit code says.
enum exit_code : int {
  done = 0,
  failed = 1,       ///< The work could not be done; standard error says why in one line.
  wrong_usage = 2,  ///< The command line is not understood.
};

int complain(const std::string& what) {
  std::cerr << "agentpool: " << what << '\n';
  return failed;
}

int ended(const core::outcome<void>& outcome) {
  return outcome ? done : complain(outcome.error().message);
}

void add_inspect(CLI::App& app, tools::inspect_request& request) {
  auto* command = app.add_subcommand("inspect", "Show the pools of a store, or how a node is");
  command->add_option("--store", request.store, "The store: sqlite:PATH or postgres:CONNINFO");
  command->add_option("--connect", request.connect, "A node to ask instead: HOST:PORT");
  tools::add_network(*command, request.network);
  command->add_option("--pool", request.pool, "Only this pool");
  command->add_flag("--json", request.json, "One JSON object instead of text");
  command->add_option("--last", request.timeline_max,
                      "Only the latest N lines of the timeline (default: all)");
  command->footer(
      "Examples:\n"
      "  agentpool inspect --store sqlite:swarm.db\n"
      "  agentpool inspect --store sqlite:swarm.db --pool pool.news --last 20\n"
      "  agentpool inspect --store postgresql://db.example/swarm\n"
      "  agentpool inspect --store sqlite:swarm.db --json | jq '.pools[].members'\n"
      "  agentpool inspect --connect 127.0.0.1:7000");
}

void add_rpc(CLI::App& app, tools::rpc_serving& serving) {
  auto* command = app.add_subcommand("rpc", "Serve JSON-RPC on standard input and output");
  command->add_option("--store", serving.store, std::string{"The store: "} + tools::store_forms);
  command
      ->add_option("--connect", serving.connect,
                   "Nodes that have the pools, instead of a store: HOST:PORT, one or more")
      ->delimiter(',');
  tools::add_network(*command, serving.network);
  command
      ->add_option("--under-way", serving.under_way,
                   "Requests that may be unanswered before input waits (default: 1024)")
      ->check(CLI::Range(std::size_t{1}, tools::rpc_serving::under_way_most));
  command
      ->add_option("--retain", serving.retain,
                   "Remove what is older than the latest so many entries of a pool's log and done\n"
                   "(at least 10000; default: keep everything)")
      ->check(CLI::Range(tools::rpc_serving::retain_least, std::size_t{1} << 62U));
  command->add_option("--trace", serving.trace,
                      "Write what the actors tell each other to this file (agentpool trace)");
  command->footer(
      "One JSON-RPC 2.0 object a line, in and out; the end of input ends the program.\n"
      "A CONNINFO is libpq's, as 'host=db.example dbname=swarm'; so is "
      "postgresql://db.example/swarm.\n"
      "Passwords are better kept in ~/.pgpass: others see a command line.\n"
      "Example:\n"
      "  echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"open_pool\","
      "\"params\":{\"pool_id\":\"pool.news\"}}' \\\n"
      "    | agentpool rpc --store sqlite:swarm.db");
}

void add_survey(CLI::App& app, tools::survey_request& request) {
  using asked = tools::survey_request;
  auto* group = app.add_subcommand("run", "Run a swarm that comes with the program");
  group->require_subcommand(1);
  auto* command = group->add_subcommand("survey", "Survey the files of a folder");
  command->add_option("DIR", request.directory, "The folder; links in it are not followed")
      ->required();
  command->add_option("--store", request.store, "The store, sqlite:FILE")->required();
  command->add_option("--runs", request.runs, "Worker runs (default: 4)")
      ->check(CLI::Range(std::uint64_t{1}, asked::runs_max));
  command
      ->add_option("--timeout", request.timeout_seconds,
                   "Report what is answered after so many seconds (default: wait for all)")
      ->check(CLI::Range(std::uint64_t{1}, asked::timeout_seconds_max));
  command->add_flag("--json", request.json, "One JSON object instead of a table");
  command->add_option("--trace", request.trace,
                      "Write what the actors tell each other to this file (agentpool trace)");
  command->footer(
      "Started again with the same store it goes on where it was, or repeats its report.\n"
      "Examples:\n"
      "  agentpool run survey . --store sqlite:survey.db --runs 4\n"
      "  agentpool run survey /usr/include --store sqlite:headers.db --json | jq .words");
}

void add_bench(CLI::App& app, tools::bench_request& request) {
  using asked = tools::bench_request;
  auto* command = app.add_subcommand("bench", "Measure the engine on this machine");
  command->add_option("--only", request.only, "Only the parts whose name begins so");
  command->add_option("--rounds", request.rounds, "Rounds of each part (default: 5)")
      ->check(CLI::Range(std::uint64_t{1}, asked::rounds_max));
  command->add_option("--seconds", request.seconds, "Of each side of a round (default: 1)")
      ->check(CLI::Range(asked::seconds_min, asked::seconds_max));
  command->add_option("--directory", request.directory,
                      "On the disk to measure; a folder is made in it and removed (default: .)");
  command->add_option("--postgres", request.postgres,
                      "Measure the store on this server, too, a connection string of libpq;\n"
                      "schemas named agentpool_bench_… are made in its database and removed");
  command->add_option("--json", request.json, "Write the figures to this file as JSON");
  command->add_option("--markdown", request.markdown, "Write the table to this file");
  command->add_flag("--list", request.list, "Name the parts, measure nothing");
  command
      ->add_option("--scale", request.scale,
                   "Sizes in the parts' names times so much, to try them out (default: 1)")
      ->check(CLI::Range(asked::scale_min, asked::scale_max));
  command->footer(
      "Every figure stands beside that of a reference measured in the same rounds.\n"
      "Examples:\n"
      "  agentpool bench\n"
      "  agentpool bench --only send/sqlite --rounds 9 --json figures.json\n"
      "  agentpool bench --only flat/ --scale 0.01");
}

void add_soak(CLI::App& app, tools::soak_request& request) {
  using asked = tools::soak_request;
  auto* command =
      app.add_subcommand("soak", "Keep runs talking for long, and sample what it costs");
  command->add_option("--for", request.seconds, "Seconds (default: 60)")
      ->check(CLI::Range(asked::seconds_min, asked::seconds_max));
  command->add_option("--every", request.every, "Seconds between two samples (default: 1)")
      ->check(CLI::Range(asked::seconds_min, asked::seconds_max));
  command->add_option("--in-flight", request.in_flight, "Sends under way in all (default: 256)")
      ->check(CLI::Range(std::size_t{1}, asked::in_flight_max));
  command->add_option("--runs", request.runs, "Runs that talk to each other (default: 64)")
      ->check(CLI::Range(asked::runs_min, asked::runs_max));
  command->add_option("--store", request.store, "memory or sqlite (default: memory)")
      ->check(CLI::IsMember({"memory", "sqlite"}));
  command->add_option("--directory", request.directory,
                      "For SQLite's files; a folder is made in it and removed (default: .)");
  command->add_option("--recent-events", request.recent_events,
                      "Events that a pool keeps in memory (default: the engine's)");
  command->add_option("--retain", request.retain,
                      "Entries of the log kept at least; older ones go (default: all are kept)");
  command->add_option("--trace", request.trace,
                      "Write what the actors tell each other to this file (agentpool trace)");
  command->add_option("--seed", request.seed, "Of who sends to whom (default: 1)");
  command->add_option("--json", request.json, "Write samples and summary to this file as JSON");
  command->add_option("--svg", request.svg, "Draw rate, latency and memory into this file");
  command->footer(
      "Example:\n"
      "  agentpool soak --for 600 --store sqlite --retain 1000000 --svg soak.svg");
}

void add_compact(CLI::App& app, tools::compact_request& request) {
  using asked = tools::compact_request;
  auto* command = app.add_subcommand("compact", "Remove what is old and done from a store's logs");
  command
      ->add_option("--store", request.store,
                   "The store that nobody else has open: sqlite:FILE or postgres:CONNINFO")
      ->required();
  command->add_option("--pool", request.pool, "This pool alone");
  command->add_option("--keep-records", request.keep_records, "Keep the latest so many entries");
  command->add_option("--keep-days", request.keep_days, "Keep what was recorded since so many days")
      ->check(CLI::Range(std::uint64_t{0}, asked::days_max));
  command->add_option("--archive", request.archive,
                      "A new file for what is removed, one JSON object a line");
  command->add_flag("--json", request.json, "One JSON object instead of lines");
  command->footer(
      "What something still waits for stays: unacknowledged messages, open contracts, wakes.\n"
      "With both bounds an entry has to be older than either says.\n"
      "Examples:\n"
      "  agentpool compact --store sqlite:swarm.db --keep-days 30 --archive old.jsonl\n"
      "  agentpool compact --store sqlite:swarm.db --pool pool.build --keep-records 100000");
}

void add_sim(CLI::App& app, tools::simulate_request& request) {
  using asked = tools::simulate_request;
  auto* command = app.add_subcommand("sim", "Run a swarm in a seeded world with virtual time");
  command->add_option("WORKLOAD", request.workload, "The swarm (default: all, in turns)");
  command->add_option("--runs", request.runs, "Runs of the swarm (default: 6)")
      ->check(CLI::Range(std::uint64_t{1}, asked::runs_max));
  command->add_option("--messages", request.messages, "Messages of each run, about (default: 4)")
      ->check(CLI::Range(std::uint64_t{1}, asked::runs_max));
  command->add_option("--engines", request.engines, "Engines on one store (default: by the seed)")
      ->check(CLI::Range(std::uint64_t{1}, asked::engines_max));
  command
      ->add_option("--nodes", request.nodes,
                   "Nodes on the store, which programs reach over a network (default: none)")
      ->check(CLI::Range(std::uint64_t{0}, asked::engines_max));
  command->add_option("--programs", request.programs, "With nodes (default: by the seed)")
      ->check(CLI::Range(std::uint64_t{1}, asked::engines_max));
  command->add_option("--seeds", request.seeds, "A seed, or A..B (default: 1..100)");
  command->add_option("--faults", request.faults,
                      "A profile, a plan as JSON, or a file with one (default: mixed)");
  command->add_option("--strategy", request.strategy,
                      "fifo, random, pct, or exhaustive: every order (default: by the seed)");
  command->add_option("--depth", request.depth,
                      "Exhaustive: steps in which orders are tried (default: 200)");
  command->add_option("--deviations", request.deviations,
                      "Exhaustive: picks out of turn (default: 2)");
  command->add_option("--schedules", request.schedules,
                      "Exhaustive: worlds of a seed, at most (default: 10000)");
  command->add_option("--scenario", request.scenario, "Run this file instead of seeds");
  command->add_option("--trace", request.trace, "Write every actor message to this file");
  command->add_option("--keep", request.keep,
                      "Write the first failing seed, shrunk, to this file, and a test beside it");
  command->add_option("--shrink", request.shrink_tries, "Tries to shrink (default: 400; 0: none)");
  command->add_option("--failures", request.failures_max, "Stop after so many (default: 1)")
      ->check(CLI::Range(std::uint64_t{1}, asked::runs_max));
  command->add_option("--junit", request.junit, "Write the results to this file as JUnit XML");
  command->add_flag("--json", request.json, "One JSON object instead of text");
  command->add_flag("--list", request.list, "Name workloads, profiles and strategies");
  command->footer(
      "Exit code 1 when a seed violates a check, 2 when there is nothing to run.\n"
      "Examples:\n"
      "  agentpool sim chat --seeds 1..1000 --faults mixed\n"
      "  agentpool sim wakes --seeds 42 --trace wakes.jsonl\n"
      "  agentpool sim fan --runs 1 --messages 1 --seeds 1 --strategy exhaustive\n"
      "  agentpool sim --seeds 1..10000 --keep failing.json --junit results.xml");
}

struct cert_requests {
  tools::authority_request authority;
  tools::certificate_request node;
};

void add_cert(CLI::App& app, cert_requests& requests) {
  using asked = tools::authority_request;
  auto* group = app.add_subcommand("cert", "Make certificates for nodes that talk under TLS");
  group->require_subcommand(1);
  auto* authority = group->add_subcommand("ca", "Make a private authority: ca.pem and ca.key");
  authority->add_option("--out", requests.authority.out, "The folder for them")->required();
  authority->add_option("--name", requests.authority.name,
                        "Its name (default: agentpool authority)");
  authority->add_option("--days", requests.authority.days, "It is valid for (default: 3650)")
      ->check(CLI::Range(std::uint64_t{1}, asked::days_max));
  auto* node = group->add_subcommand("node", "Make a node's certificate: NAME.pem and NAME.key");
  node->add_option("--ca", requests.node.authority, "The folder with ca.pem and ca.key")
      ->required();
  node->add_option("--out", requests.node.out, "The folder for them")->required();
  node->add_option("--name", requests.node.name, "The node's name, seen in logs")->required();
  node->add_option("--days", requests.node.days, "It is valid for (default: 365)")
      ->check(CLI::Range(std::uint64_t{1}, asked::days_max));
  node->add_option("--host", requests.node.hosts,
                   "A name or address that it may serve under (default: any)");
  group->footer(
      "Whoever has a certificate of the authority is a member of the pool's nodes; keep ca.key\n"
      "away from them. Files that exist are not overwritten.\n"
      "Example:\n"
      "  agentpool cert ca --out authority\n"
      "  agentpool cert node --ca authority --out node-1 --name node-1 --host node-1.example");
}

/// What went wrong is told by the command in one line; the log is for who looks closer.
void add_log(CLI::App& app, std::string& level) {
  app.add_option(
         "--log", level,
         "Log to standard error: off, error, warn, info, debug (node, serve: warn; else off)")
      ->envname("AGENTPOOL_LOG")
      ->check(CLI::IsMember({"off", "error", "warn", "info", "debug"}));
}

/// The engine's logger is found by its name.
void start_log(const std::string& level) {
  const auto logger = spdlog::stderr_color_mt("agentpool");
  logger->set_level(spdlog::level::from_str(level));
}

/// Ended by a signal is told as shells do.
int ended(const core::outcome<int>& signal) {
  if (!signal) return complain(signal.error().message);
  return *signal == 0 ? done : 128 + *signal;
}

/// That something was found is told already; what cannot be simulated is another matter.
int ended(const core::outcome<bool>& well) {
  if (well) return *well ? done : failed;
  static_cast<void>(complain(well.error().message));
  return wrong_usage;
}

core::outcome<void> run_token(const CLI::App& app, const tools::token_request& request) {
  const auto* group = app.get_subcommand("token");
  if (group->got_subcommand("add")) return tools::add_token(request);
  return group->got_subcommand("list") ? tools::list_tokens(request) : tools::revoke_token(request);
}

int run(int argc, char** argv) {
  CLI::App app{"Durable pools of agent runs that talk, wait and wake."};
  app.name("agentpool");
  app.set_version_flag("--version", std::string{tools::version_line});
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  agentpool rpc --store sqlite:swarm.db\n"
      "  agentpool run survey . --store sqlite:survey.db --runs 4\n"
      "  agentpool inspect --store sqlite:survey.db\n"
      "Exit codes: 0 done, 1 failed (one line on standard error), 2 wrong usage,\n"
      "128 and the number of the signal when one asked it to end.");
  std::string log_level;
  add_log(app, log_level);
  tools::inspect_request inspecting;
  add_inspect(app, inspecting);
  tools::node_request hosting;
  tools::add_node(app, hosting);
  tools::rpc_serving serving;
  add_rpc(app, serving);
  tools::serve_request web;
  tools::add_serve(app, web);
  tools::serve_request piped;
  tools::add_mcp(app, piped);
  tools::token_request letting_in;
  tools::add_token_command(app, letting_in);
  tools::survey_request surveying;
  add_survey(app, surveying);
  tools::compact_request compacting;
  add_compact(app, compacting);
  tools::bench_request measuring;
  add_bench(app, measuring);
  tools::soak_request soaking;
  add_soak(app, soaking);
  tools::trace_request tracing;
  add_trace(app, tracing);
  tools::simulate_request simulating;
  add_sim(app, simulating);
  cert_requests certifying;
  add_cert(app, certifying);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    if (fault.get_exit_code() == 0) return app.exit(fault);
    std::cerr << "agentpool: " << fault.what() << " (see agentpool --help)\n";
    return wrong_usage;
  }
  // A server runs for long and tells nobody else what it refused.
  const bool runs_long = app.got_subcommand("node") || app.got_subcommand("serve");
  if (log_level.empty()) log_level = runs_long ? "warn" : "off";
  start_log(log_level);
  if (app.got_subcommand("rpc"))
    return ended(tools::serve_rpc(serving, STDIN_FILENO, STDOUT_FILENO));
  if (app.got_subcommand("node")) return ended(tools::serve_node(hosting));
  if (app.got_subcommand("serve")) return ended(tools::serve_http(web));
  if (app.got_subcommand("mcp")) return ended(tools::serve_mcp(piped, STDIN_FILENO, STDOUT_FILENO));
  if (app.got_subcommand("token")) return ended(run_token(app, letting_in));
  if (app.got_subcommand("inspect")) return ended(tools::inspect(inspecting));
  if (app.got_subcommand("run")) return ended(tools::run_survey(surveying));
  if (app.got_subcommand("compact")) return ended(tools::compact(compacting));
  if (app.got_subcommand("bench")) return ended(tools::run_bench(measuring));
  if (app.got_subcommand("soak")) return ended(tools::run_soak(soaking));
  if (app.got_subcommand("trace")) return tools::run_trace(app, tracing);
  if (app.got_subcommand("sim")) return ended(tools::simulate(simulating));
  if (app.got_subcommand("cert"))
    return ended(app.get_subcommand("cert")->got_subcommand("ca")
                     ? tools::make_authority(certifying.authority)
                     : tools::make_certificate(certifying.node));
  return wrong_usage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& fault) {
    return complain(fault.what());
  }
}
