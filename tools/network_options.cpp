// How the commands that listen or connect are spelled.
#include "network_options.hpp"

#include <CLI/CLI.hpp>

#include "file_option.hpp"
#include "rpc.hpp"
#include "store_url.hpp"

namespace agentpool::tools {

void add_network(CLI::App& command, network_choice& choice) {
  add_file(command, "--tls-cert", choice.certificate, "This program's certificate, a PEM file");
  add_file(command, "--tls-key", choice.key, "Its private key, a PEM file");
  add_file(command, "--tls-ca", choice.authority,
           "The certificate of the authority that members are signed by, a PEM file");
  command.add_flag("--insecure", choice.insecure,
                   "Plain TCP to or from any address. Whoever reaches the port is a member: reads\n"
                   "and sends everything, unseen. Without this and without certificates only\n"
                   "loopback addresses are used.");
}

void add_node(CLI::App& app, node_request& request) {
  using asked = node_request;
  auto* command = app.add_subcommand("node", "Host pools for programs on other machines");
  add_file(*command, "--store", request.store, std::string{"The store: "} + store_forms)
      ->required();
  command->add_option("--listen", request.listen,
                      "HOST:PORT; port 0 is any free one (default: 127.0.0.1:0)");
  command->add_option("--advertise", request.advertise,
                      "HOST:PORT where programs and other nodes reach it (default: as it listens)");
  command->add_option("--name", request.name,
                      "Its own name among the nodes of the store (default: as advertised)");
  command
      ->add_option(
          "--grace", request.grace_seconds,
          "Seconds after which a run leaves its pool whose connection is gone (default: 30)")
      ->check(CLI::Range(std::uint64_t{0}, asked::seconds_max));
  command
      ->add_option(
          "--lease", request.lease_seconds,
          "Seconds after which a node counts as gone that does not show itself (default: 3)")
      ->check(CLI::Range(asked::lease_seconds_min, asked::lease_seconds_max));
  command->add_option("--connections", request.connections, "Programs, at most (default: 1024)")
      ->check(CLI::Range(std::size_t{1}, asked::connections_max));
  command
      ->add_option("--connections-per-peer", request.connections_per_peer,
                   "Programs with one certificate, or at one address without TLS (default: 256)")
      ->check(CLI::Range(std::size_t{1}, asked::connections_max));
  command
      ->add_option("--retain", request.retain,
                   "Remove what is older than the latest so many entries of a pool's log and done")
      ->check(CLI::Range(rpc_serving::retain_least, std::size_t{1} << 62U));
  add_file(*command, "--trace", request.trace,
           "Write what the actors tell each other to this file (agentpool trace)");
  add_network(*command, request.network);
  command->footer(
      "Prints one line, 'listening on HOST:PORT', once programs can connect. SIGTERM or SIGINT\n"
      "end it well: exit code 0, and other nodes take its pools at once.\n"
      "Examples:\n"
      "  agentpool node --store sqlite:swarm.db --listen 127.0.0.1:7000\n"
      "  agentpool node --store postgresql://db.example/swarm --listen 0.0.0.0:7000 \\\n"
      "    --advertise a.example:7000 --tls-cert a.pem --tls-key a.key --tls-ca ca.pem");
}

}  // namespace agentpool::tools
