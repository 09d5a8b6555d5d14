#pragma once

#include <string>
#include <string_view>

#include "agentpool/core/error.hpp"
#include "stores/log_rows.hpp"

namespace agentpool::stores {

/// PostgreSQL refused, or could not be reached.
struct postgres_fault {
  enum class kind {
    lost,     ///< There is no connection, or none any more: connecting anew may help.
    refused,  ///< The server said no; `state` is its SQLSTATE.
    held,     ///< Another handle keeps this one out.
    mislaid,  ///< What the tables hold, or lack, is none of a store.
    unfit,    ///< The server or the database cannot hold a store as it is set up.
  };

  kind what = kind::lost;
  std::string state;  ///< Empty unless refused.
  std::string words;  ///< For the error's message; never what is stored, never a password.

  /// The same call may well succeed at once: the server took it back for the sake of another.
  [[nodiscard]] bool passes() const noexcept {
    return what == kind::refused && (state == "40001" || state == "40P01");
  }
};

/// The typed error of a fault, met at `place` while `doing` something.
[[nodiscard]] core::agent_error store_error(const postgres_fault& fault, std::string_view doing,
                                            const log_place& place);

/// True for the states that tell of a connection that ends: shutdown, crash, start.
[[nodiscard]] bool ends_connection(std::string_view state) noexcept;

}  // namespace agentpool::stores
