#pragma once

#include <memory>

#include "pool_desk.hpp"
#include "rpc_methods.hpp"

/// The JSON-RPC methods of contents; docs/contract.md has their parameters and results.
namespace agentpool::tools {

/// `content_put`: keeps what the request gives as `text` or as `base64`. Throws `bad_params` when
/// it gives neither, both, or no base64. The desk is kept until the answer is there.
void content_put(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 rpc_callback then);

/// `content_get`: gives what was kept under `content_ref` as `text`, or as `base64` when it is not
/// UTF-8. A name under which there is nothing is a contract violation. Throws `bad_params`.
void content_get(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 rpc_callback then);

}  // namespace agentpool::tools
