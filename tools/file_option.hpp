#pragma once

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace agentpool::tools {

/// Adds an option that names a file, or what is like one; the command keeps it. Given and empty, as
/// from a variable that is not set, is wrong usage, not the same as not given.
CLI::Option* add_file(CLI::App& command, const std::string& name, std::string& into,
                      const std::string& what);

}  // namespace agentpool::tools
