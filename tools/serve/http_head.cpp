#include "http_head.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace agentpool::tools {

namespace {

constexpr unsigned http_1_1 = 11;

/// Headers that decide for whom, by whom, and as what a request is read. What stands there twice
/// somebody on the way may have decided by the other one.
constexpr std::array<std::string_view, 9> said_once{
    "host",          "authorization",  "origin",       "agentpool-session-token",
    "last-event-id", "mcp-session-id", "content-type", "mcp-protocol-version",
    "traceparent",
};

std::size_t count_of(const http_request& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(head.headers.begin(), head.headers.end(),
                    [&](const auto& field) { return field.first == name; }));
}

bool is_chunked(std::string_view coding) {
  constexpr std::string_view name = "chunked";
  return std::equal(name.begin(), name.end(), coding.begin(), coding.end(),
                    [](char a, char b) { return a == (b | 0x20); });
}

/// The end of a body has to be beyond doubt: otherwise what one reader takes for a part of it is a
/// request to the next (RFC 9112, 6.1).
std::string_view coding_fault(const http_request& head, unsigned version) {
  const auto coding = head.header("transfer-encoding");
  if (!coding) return {};
  if (version != http_1_1) return "Transfer-Encoding is HTTP/1.1's\n";
  if (count_of(head, "transfer-encoding") > 1 || !is_chunked(*coding))
    return "Transfer-Encoding can be chunked, and nothing else\n";
  if (head.header("content-length")) return "Content-Length stands beside Transfer-Encoding\n";
  return {};
}

}  // namespace

std::string head_fault(const http_request& head, unsigned version) {
  for (const auto name : said_once)
    if (count_of(head, name) > 1) return std::string{name} + " stands there twice\n";
  if (version >= http_1_1 && !head.header("host")) return "Host is missing\n";
  return std::string{coding_fault(head, version)};
}

}  // namespace agentpool::tools
