#pragma once

#include "stores/sqlite_connection.hpp"

/// The tables of a store file; docs/store-format.md says what they mean.
namespace agentpool::stores {

/// Makes the tables, columns and indexes that are missing, in one transaction. Writes nothing
/// when all are there. Throws `sqlite_fault`.
void lay_out(sqlite_connection& connection);

/// Stands in for what is missing with temporary views and tables of this connection, so that the
/// same statements work on a file that must not be changed. Throws `sqlite_fault`.
void lay_out_for_reading(sqlite_connection& connection);

}  // namespace agentpool::stores
