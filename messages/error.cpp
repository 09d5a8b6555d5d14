#include "agentpool/messages/error.hpp"

#include <caf/message.hpp>

#include "agentpool/messages/inspect.hpp"
#include "agentpool/messages/type_ids.hpp"

namespace agentpool::messages {

caf::error make_error(core::agent_error error) {
  const auto code = static_cast<std::uint8_t>(1 + static_cast<unsigned>(error.kind));
  return caf::error{code, error_category, caf::make_message(std::move(error))};
}

core::agent_error agent_error_of(const caf::error& error) {
  if (error.category() == error_category && error.context().match_elements<core::agent_error>())
    return error.context().get_as<core::agent_error>(0);
  return core::store_unavailable("the pool could not be reached: repeat with the same key");
}

core::agent_error closed() {
  return core::store_unavailable("the engine was closed: open it again and repeat");
}

}  // namespace agentpool::messages
