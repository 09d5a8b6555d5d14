#include "stores/postgres_fault.hpp"

#include <utility>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

struct meaning {
  std::string_view state;  ///< An SQLSTATE, or the class it begins with.
  bool damage;             ///< Repeating does not help: it is `store_corrupt`.
  const char* words;
};

// The first that fits. What a caller can do something about, in words.
constexpr meaning meanings[] = {
    {"25006", false, "the database is read-only"},
    {"23", true, "rows are there that the heads do not know of"},
    {"28", false, "the server does not accept the user"},
    {"3D", false, "there is no such database"},
    {"3F", true, "the schema of the store is gone"},
    {"42501", false, "the user lacks rights"},
    {"42", true, "the tables do not have the columns of a store"},
    {"53100", false, "the server's disk is full"},
    {"53200", false, "the server has no memory left"},
    {"53300", false, "the server has too many connections"},
    {"53", false, "the server lacks room"},
    {"55P03", false, "another writer holds the lock"},
    {"40", false, "the server took the transaction back"},
    {"57014", false, "the server gave up on the statement"},
    {"58", false, "the server cannot read or write its files"},
    {"XX001", true, "the server's data is damaged"},
    {"XX002", true, "an index of the server is damaged"},
    {"22021", false, "a text is not valid UTF-8"},
};

meaning meaning_of(std::string_view state) {
  for (const auto& known : meanings)
    if (state.starts_with(known.state)) return known;
  return {state, false, "the server refused"};
}

}  // namespace

core::agent_error store_error(const postgres_fault& fault, std::string_view doing,
                              const log_place& place) {
  std::string message = described(place) + ": " + std::string{doing} + " failed: ";
  bool damage = fault.what == postgres_fault::kind::mislaid;
  if (fault.what == postgres_fault::kind::refused) {
    const auto meant = meaning_of(fault.state);
    damage = meant.damage;
    message += meant.words + (" (SQLSTATE " + fault.state + ")");
  } else {
    message += fault.words;
  }
  if (fault.what == postgres_fault::kind::unfit)
    return core::host_configuration_needed(std::move(message), about_pool(place.pool));
  if (damage) return core::store_corrupt(std::move(message), about_pool(place.pool));
  return core::store_unavailable(std::move(message), about_pool(place.pool));
}

// admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout; and
// idle_in_transaction_session_timeout.
bool ends_connection(std::string_view state) noexcept {
  return state.starts_with("08") || state.starts_with("57P") || state == "25P03";
}

}  // namespace agentpool::stores
