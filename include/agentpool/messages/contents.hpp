#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "agentpool/core/error.hpp"
#include "agentpool/core/ids.hpp"

/// What a program tells a node's session of contents, and is told: they are of no pool.
namespace agentpool::messages {

/// Keeps the bytes in the node's store, durable before the answer; again is no second copy.
/// → content_named
struct keep_content {
  std::uint64_t number = 0;
  std::string bytes;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("bytes", self.bytes);
  }
};

struct content_named {
  std::uint64_t number = 0;
  std::variant<core::agent_error, core::content_ref> what;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("what", self.what);
  }
};

/// What the node's store has under that name. → content_fetched
struct fetch_content {
  std::uint64_t number = 0;
  core::content_ref name;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("name", self.name);
  }
};

struct content_fetched {
  std::uint64_t number = 0;
  std::variant<core::agent_error, std::optional<std::string>> what;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("what", self.what);
  }
};

/// One more `content_fetched` that carried bytes has arrived: what is on its way is bounded.
struct content_taken {
  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
};

}  // namespace agentpool::messages
