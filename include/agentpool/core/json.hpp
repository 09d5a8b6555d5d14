#pragma once

#include <string>
#include <string_view>

#include "agentpool/core/error.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/journal_records.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/store_records.hpp"

/// The JSON of records: exact names, order and omission rules of docs/records.md.
namespace agentpool::core {

/// How much of a record has to be there.
enum class reading {
  strict,   ///< Every required field, as in a log.
  request,  ///< As a caller may write it: defaulted fields may be left out.
};

/// Levels of nesting that a JSON text may have.
inline constexpr int json_depth_max = 64;

/// Appends `value` as compact JSON to `out`. Offered for every record, union and enumeration of
/// core; a type of your own that states its fields can be written through json_fields.hpp.
template <class T>
void write_json(std::string& out, const T& value);

/// `value` as compact JSON.
template <class T>
[[nodiscard]] std::string to_json(const T& value) {
  std::string out;
  write_json(out, value);
  return out;
}

/// Reads a record from JSON text. The error is a contract violation whose message begins with the
/// JSON path of what is wrong, below `path` when given ("message.to.target.type: …").
template <class T>
[[nodiscard]] outcome<T> from_json(std::string_view text, reading how = reading::strict,
                                   std::string_view path = {});

}  // namespace agentpool::core
