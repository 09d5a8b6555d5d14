#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What `agentpool cert ca` was asked for.
struct authority_request {
  static constexpr std::uint64_t days_max = 36'500;

  std::string out;  ///< The folder for ca.pem and ca.key.
  std::string name = "agentpool authority";
  std::uint64_t days = 3'650;
};

/// What `agentpool cert node` was asked for.
struct certificate_request {
  std::string authority;  ///< The folder with ca.pem and ca.key.
  std::string out;        ///< The folder for NAME.pem and NAME.key.
  std::string name;
  std::uint64_t days = 365;        ///< No longer than the authority itself is valid.
  std::vector<std::string> hosts;  ///< Names and addresses it may serve under; none: any.
};

/// Makes a private authority: whoever has its key decides who is a member. Tells on standard output
/// what it wrote; overwrites nothing.
[[nodiscard]] core::outcome<void> make_authority(const authority_request& request);

/// Makes a member's certificate and key, for both ends of a connection. Tells on standard output
/// what it wrote; overwrites nothing.
[[nodiscard]] core::outcome<void> make_certificate(const certificate_request& request);

}  // namespace agentpool::tools
