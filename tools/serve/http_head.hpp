#pragma once

#include <string>

#include "http_message.hpp"

namespace agentpool::tools {

/// What is wrong with the headers of a request that could be read as such, one line; "" when
/// nothing is. `version` is 11 for HTTP/1.1. Somebody on the way may read such a request otherwise
/// than this server: whoever is told of a fault must read nothing more from that connection.
[[nodiscard]] std::string head_fault(const http_request& head, unsigned version);

}  // namespace agentpool::tools
