#include "token_command.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "token_book.hpp"

namespace agentpool::tools {

namespace {

core::outcome<caller_role> role_of(const std::string& text) {
  const auto& texts = core::enum_text<caller_role>::values;
  const auto found = std::find(texts.begin(), texts.end(), text);
  if (found == texts.end())
    return core::contract_violation("--role " + text + ": is observe, act or administer");
  return static_cast<caller_role>(found - texts.begin());
}

}  // namespace

core::outcome<void> add_token(const token_request& request) {
  const auto lock = tokens_lock::take(request.file);
  if (!lock) return lock.error();
  std::vector<token_line> lines;
  if (std::filesystem::exists(request.file)) {
    auto read = read_tokens(request.file);
    if (!read) return read.error();
    lines = std::move(*read);
  }
  if (const auto fault = core::identifier_fault(request.name); !fault.empty())
    return core::contract_violation("--name " + fault);
  for (const auto& line : lines)
    if (line.name == request.name)
      return core::contract_violation("--name " + request.name + ": has a token already");
  token_line made{request.name, {}, {}, request.runs};
  for (const auto& text : request.roles) {
    const auto role = role_of(text);
    if (!role) return role.error();
    made.roles.push_back(*role);
  }
  if (made.roles.empty()) made.roles.push_back(caller_role::observe);
  const bool acts =
      std::find(made.roles.begin(), made.roles.end(), caller_role::act) != made.roles.end();
  if (acts && made.runs.empty())
    return core::contract_violation("--runs: say which runs it may join, as 'run.ci.*'");
  const auto token = make_token();
  if (!token) return token.error();
  made.sha256 = core::sha256_hex(*token);
  lines.push_back(std::move(made));
  if (auto written = write_tokens(request.file, lines); !written) return written;
  std::cout << *token << std::endl;
  return {};
}

core::outcome<void> revoke_token(const token_request& request) {
  const auto lock = tokens_lock::take(request.file);
  if (!lock) return lock.error();
  auto lines = read_tokens(request.file);
  if (!lines) return lines.error();
  const auto gone =
      std::erase_if(*lines, [&](const token_line& line) { return line.name == request.name; });
  if (gone == 0)
    return core::contract_violation("--name " + request.name + ": nobody of that name has a token");
  return write_tokens(request.file, *lines);
}

core::outcome<void> list_tokens(const token_request& request) {
  const auto lines = read_tokens(request.file);
  if (!lines) return lines.error();
  for (const auto& line : *lines) {
    std::cout << line.name << ':';
    for (const auto role : line.roles) std::cout << ' ' << core::to_text(role);
    for (const auto& run : line.runs) std::cout << ' ' << run;
    std::cout << '\n';
  }
  return {};
}

}  // namespace agentpool::tools
