#include "serve_options.hpp"

#include <CLI/CLI.hpp>

#include "tools/file_option.hpp"
#include "tools/rpc.hpp"
#include "tools/store_url.hpp"

namespace agentpool::tools {

namespace {

constexpr double rate_most = 1e9;
constexpr double head_seconds_least = 0.1;
constexpr double head_seconds_most = 3'600;
constexpr std::size_t places_most = 1'000'000;
constexpr std::size_t body_least = 1U << 10;
constexpr std::size_t body_most = 256U << 20;

void add_pools(CLI::App& command, serve_request& request) {
  add_file(command, "--store", request.store, std::string{"The store: "} + store_forms);
  command
      .add_option("--connect", request.connect,
                  "Nodes that have the pools, instead of a store: HOST:PORT, one or more")
      ->delimiter(',');
  add_file(command, "--node-cert", request.network.certificate,
           "This program's certificate for nodes, a PEM file");
  add_file(command, "--node-key", request.network.key, "Its private key, a PEM file");
  add_file(command, "--node-ca", request.network.authority,
           "The authority that nodes are signed by, a PEM file");
  command
      .add_option("--retain", request.retain,
                  "Remove what is older than the latest so many entries of a pool's log and done")
      ->check(CLI::Range(rpc_serving::retain_least, std::size_t{1} << 62U));
}

void add_bounds(CLI::App& command, serve_request& request) {
  command
      .add_option("--rate", request.rate,
                  "Requests a second of one caller (default: 10000; 0: any number)")
      ->check(CLI::Range(0.0, rate_most));
  command.add_option("--streams", request.streams, "Open event streams (default: 4096)")
      ->check(CLI::Range(std::size_t{1}, places_most));
  command.add_option("--waiting", request.waiting, "Requests that wait (default: 16384)")
      ->check(CLI::Range(std::size_t{1}, places_most));
  command.add_option("--connections", request.connections, "Connections (default: 16384)")
      ->check(CLI::Range(std::size_t{1}, places_most));
  command
      .add_option("--head-seconds", request.head_seconds,
                  "Seconds that a client has to send a request's headers (default: 10)")
      ->check(CLI::Range(head_seconds_least, head_seconds_most));
  command.add_option("--body-bytes", request.body_bytes, "Of a request (default: 16777216)")
      ->check(CLI::Range(body_least, body_most));
}

}  // namespace

void add_serve(CLI::App& app, serve_request& request) {
  auto* command =
      app.add_subcommand("serve", "Serve pools over HTTP: JSON-RPC, MCP, events, a page");
  add_pools(*command, request);
  command->add_option(
      "--listen", request.listen,
      "ADDRESS:PORT; port 0 is any free one (default: 127.0.0.1:0). Another address\n"
      "than a loopback one needs TLS and tokens");
  add_file(*command, "--tls-cert", request.tls.certificate, "The certificate to show, a PEM file");
  add_file(*command, "--tls-key", request.tls.key, "Its private key, a PEM file");
  add_file(*command, "--tokens", request.tokens,
           "Who may come in: a file of agentpool token; read again on SIGHUP");
  command->add_option("--host", request.hosts,
                      "A further name that requests may be to, beside the loopback's");
  command->add_option("--origin", request.origins,
                      "A page elsewhere that may ask, as https://tools.example (default: none)");
  command
      ->add_option("--otlp", request.otlp,
                   "Tell the traces of messages to the collector at this URL, by OTLP over HTTP:\n"
                   "http://HOST:4318 (default: none)")
      ->envname("OTEL_EXPORTER_OTLP_ENDPOINT");
  add_bounds(*command, request);
  command->footer(
      "Prints one line, 'listening on URL', once clients can connect. SIGTERM or SIGINT end it\n"
      "well: what is under way is finished, exit code 0.\n"
      "Examples:\n"
      "  agentpool serve --store sqlite:swarm.db --listen 127.0.0.1:7070\n"
      "  curl http://127.0.0.1:7070/pools\n"
      "  agentpool serve --connect a.example:7000 --listen 0.0.0.0:7443 --tokens tokens.jsonl \\\n"
      "    --tls-cert site.pem --tls-key site.key --node-cert n.pem --node-key n.key --node-ca "
      "ca.pem");
}

void add_mcp(CLI::App& app, serve_request& request) {
  auto* command =
      app.add_subcommand("mcp", "Serve MCP on standard input and output, for one client");
  add_pools(*command, request);
  command->footer(
      "For a coding assistant's configuration; its operator's rights are the client's. The end of\n"
      "input ends it.\n"
      "Example:\n"
      "  agentpool mcp --store sqlite:swarm.db");
}

void add_token_command(CLI::App& app, token_request& request) {
  auto* group = app.add_subcommand("token", "Say who may come in to agentpool serve");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    auto* command = group->add_subcommand(name, what);
    add_file(*command, "--file", request.file, "The file of tokens")->required();
    return command;
  };
  auto* made = add("add", "Make a token, and print it once");
  made->add_option("--name", request.name, "Who has it; messages tell it as sender.name")
      ->required();
  made->add_option("--role", request.roles, "observe (default), act, administer; one or more")
      ->delimiter(',');
  made->add_option("--runs", request.runs, "Runs that it may join, as 'run.ci.*'; one or more")
      ->delimiter(',');
  add("list", "Who has tokens");
  add("revoke", "Take one away")->add_option("--name", request.name, "Whose")->required();
  group->footer(
      "The file has hashes alone. A server reads it again on SIGHUP.\n"
      "Example:\n"
      "  agentpool token add --file tokens.jsonl --name ci --role act --runs 'run.ci.*'");
}

}  // namespace agentpool::tools
