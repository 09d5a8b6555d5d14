#pragma once

#include "serve.hpp"
#include "token_command.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace agentpool::tools {

/// How the commands about HTTP are spelled.
void add_serve(CLI::App& app, serve_request& request);
void add_mcp(CLI::App& app, serve_request& request);
void add_token_command(CLI::App& app, token_request& request);

}  // namespace agentpool::tools
