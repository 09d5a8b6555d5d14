#pragma once

#include <string>
#include <vector>

#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/tcp.hpp"
#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// How a command line says to protect connections.
struct network_choice {
  std::string certificate;
  std::string key;
  std::string authority;
  bool insecure = false;
};

/// The same for the room that connects. The error says which option is missing.
[[nodiscard]] core::outcome<actors::remote::tcp_options> tcp_of(const network_choice& choice);

/// A program that reaches its pools at these nodes ("HOST:PORT"), called so there.
[[nodiscard]] core::outcome<std::unique_ptr<actors::remote::client>> reach(
    std::vector<std::string> nodes, const network_choice& choice, std::string program,
    actors::engine_options engine = {});

}  // namespace agentpool::tools
