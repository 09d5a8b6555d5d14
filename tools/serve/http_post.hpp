#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// Where to post.
struct http_target {
  bool secure = false;
  std::string host;  ///< A name or an address; an IPv6 one without brackets.
  std::string port;
  std::string path;  ///< From the first slash; "" when there is none.
};

/// Reads "http://HOST[:PORT][/PATH]", or https. The error says what is wrong with it.
[[nodiscard]] core::outcome<http_target> read_http_url(const std::string& url);

/// What came of a post: the status of the answer, or why there was none.
struct post_result {
  unsigned status = 0;  ///< 0: there was no answer.
  std::string fault = {};
};

/// Posts JSON on a connection of its own; nobody looks at the body of the answer. Blocks up to
/// `most`, or until it is asked to stop, and for as long as a name takes to resolve. Under TLS the
/// other side has to prove its name by the machine's authorities.
[[nodiscard]] post_result post_json(const http_target& to, const std::string& body,
                                    std::chrono::milliseconds most,
                                    const std::stop_token& stop = {});

}  // namespace agentpool::tools
