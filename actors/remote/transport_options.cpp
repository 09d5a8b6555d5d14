#include "agentpool/actors/remote/transport_options.hpp"

#include <charconv>

namespace agentpool::actors::remote {

namespace {

core::agent_error not_an_endpoint(std::string_view text) {
  return core::host_configuration_needed("'" + std::string{text} +
                                         "' is no HOST:PORT, as 10.0.0.5:7000 or [::1]:7000");
}

}  // namespace

core::outcome<endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return not_an_endpoint(text);
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  if (host.front() == '[') {
    if (host.size() < 3 || host.back() != ']') return not_an_endpoint(text);
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return not_an_endpoint(text);
  }
  if (host.find_first_of("[] \t\r\n") != std::string_view::npos) return not_an_endpoint(text);
  std::uint16_t port = 0;
  const auto* end = digits.data() + digits.size();
  const auto [read, fault] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || fault != std::errc{} || read != end) return not_an_endpoint(text);
  return endpoint{std::string{host}, port};
}

std::string to_text(const endpoint& where) {
  const bool bracketed = where.host.find(':') != std::string::npos;
  const auto host = bracketed ? "[" + where.host + "]" : where.host;
  return host + ":" + std::to_string(where.port);
}

}  // namespace agentpool::actors::remote
