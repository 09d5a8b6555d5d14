#pragma once

#include <caf/fwd.hpp>
#include <string>
#include <string_view>

namespace agentpool::sim {

/// As `describe`, for what nodes and programs tell each other and their own actors. Leaves `name`
/// alone when it is none of that.
void describe_remote(const caf::type_erased_tuple& content, std::string_view& name,
                     std::string& ids);

/// The name of a type without its namespaces: "ask_pool".
[[nodiscard]] std::string_view short_name(std::string_view type);

}  // namespace agentpool::sim
