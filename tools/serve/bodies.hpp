#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/notice.hpp"
#include "tool_records.hpp"
#include "tools/pool_desk.hpp"

namespace agentpool::tools {

/// Bytes of a body that is told with its message; longer ones are read by themselves.
inline constexpr std::size_t body_told_max = 16U << 10;

/// The body that a message is to refer to: the ref that was given, or the text, stored first.
/// The error: neither or both were given, or the store did not take it.
void keep_body(pool_desk& desk, std::optional<std::string> text,
               std::optional<core::content_ref> ref, actors::callback<core::content_ref> then);

/// The entries as a model reads them, with bodies that are short texts of the content store.
void tell_messages(actors::engine& engine, const std::vector<core::inbox_entry>& entries,
                   std::function<void(std::vector<message_told>)> then);

}  // namespace agentpool::tools
