#include "file_option.hpp"

#include <CLI/CLI.hpp>

namespace agentpool::tools {

CLI::Option* add_file(CLI::App& command, const std::string& name, std::string& into,
                      const std::string& what) {
  const CLI::Validator named{[](const std::string& text) -> std::string {
                               return text.empty() ? "names nothing: it is empty" : "";
                             },
                             ""};
  return command.add_option(name, into, what)->check(named);
}

}  // namespace agentpool::tools
