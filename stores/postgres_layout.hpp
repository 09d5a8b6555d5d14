#pragma once

#include <string>

#include "stores/postgres_connection.hpp"

/// The tables of a store in PostgreSQL; docs/store-format.md says what they mean.
namespace agentpool::stores {

/// What the schema holds, as far as this program can tell.
enum class postgres_layout { missing, older, ours, newer };

/// Looks at the schema's version. Changes nothing.
[[nodiscard]] postgres_layout layout_of(postgres_connection& connection, const std::string& schema,
                                        const deadline& until);

/// Makes what is missing, or what an older version did not have yet, in one transaction under a
/// lock, so that several may do so at once; the search path is the schema's. Throws
/// `postgres_fault`, and then the connection is to be closed.
void lay_out(postgres_connection& connection, const std::string& schema, const deadline& until);

}  // namespace agentpool::stores
