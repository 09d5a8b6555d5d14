#include "network_choice.hpp"

#include <unistd.h>

#include <array>
#include <utility>

#include "agentpool/core/error.hpp"

namespace agentpool::tools {

namespace {

/// The machine's name, for the person who looks at the nodes.
std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "?";
  return name.data();
}

}  // namespace

core::outcome<actors::remote::tcp_options> tcp_of(const network_choice& choice) {
  actors::remote::tcp_options tcp;
  tcp.security.insecure = choice.insecure;
  const bool any = !choice.certificate.empty() || !choice.key.empty() || !choice.authority.empty();
  if (!any) return tcp;
  if (choice.insecure)
    return core::host_configuration_needed("--insecure and certificates exclude each other");
  if (choice.certificate.empty() || choice.key.empty() || choice.authority.empty())
    return core::host_configuration_needed("TLS needs all of --tls-cert, --tls-key and --tls-ca");
  tcp.security.tls = {choice.certificate, choice.key, choice.authority};
  return tcp;
}

core::outcome<std::unique_ptr<actors::remote::client>> reach(std::vector<std::string> nodes,
                                                             const network_choice& choice,
                                                             std::string program,
                                                             actors::engine_options engine) {
  const auto tcp = tcp_of(choice);
  if (!tcp) return tcp.error();
  for (const auto& node : nodes)
    if (const auto where = actors::remote::parse_endpoint(node); !where) return where.error();
  actors::remote::client_options options;
  options.nodes = std::move(nodes);
  options.program =
      std::move(program) + "@" + host_name() + " " + std::to_string(static_cast<long>(getpid()));
  options.engine = std::move(engine);
  return actors::remote::client::make(actors::remote::with_tcp(std::move(options), *tcp));
}

}  // namespace agentpool::tools
