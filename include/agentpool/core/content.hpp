#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentpool/core/error.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/outcome.hpp"

/// Bodies of messages beside the logs, which have their refs alone. A content's name is made from
/// its bytes, so that one name never stands for two contents and whoever reads can check.
namespace agentpool::core {

/// How much content a store keeps.
struct content_limits {
  std::size_t item_bytes_max = 1U << 20U;     ///< Of one content.
  std::uint64_t total_bytes_max = 1U << 30U;  ///< Of all contents of a store.
};

/// "content.sha256." and the SHA-256 of the bytes in 64 lower-case hex digits.
[[nodiscard]] content_ref content_name(std::string_view bytes);

/// The 64 hex digits in the name of a content that a store may keep, as a view into `name`;
/// nothing when the name is of another form, as those that hosts make for what they keep elsewhere.
[[nodiscard]] std::optional<std::string_view> content_digest(const content_ref& name);

/// Any bytes, also none, and their name.
class content {
 public:
  explicit content(std::string bytes) : name_{content_name(bytes)}, bytes_{std::move(bytes)} {}

  [[nodiscard]] const content_ref& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  content_ref name_;
  std::string bytes_;
};

/// What came of keeping contents: how many the store did not have (fewer, where a call was repeated
/// because its answer was lost), and the bytes of all that it has now.
struct content_kept {
  std::size_t added = 0;
  std::uint64_t total_bytes = 0;

  friend bool operator==(const content_kept&, const content_kept&) = default;
};

/// A contract violation that names the first item of more than `item_bytes_max` bytes and the
/// limit; nothing when there is none.
[[nodiscard]] std::optional<agent_error> content_fault(std::span<const content> items,
                                                       const content_limits& limits);

/// The same of one item by its size.
[[nodiscard]] std::optional<agent_error> content_size_fault(std::size_t bytes,
                                                            const content_limits& limits);

/// `overloaded` when a store with `total` bytes has no room for `more`, which names both and the
/// limit; nothing when it has, or when there is nothing to add.
[[nodiscard]] std::optional<agent_error> content_total_fault(std::uint64_t total,
                                                             std::uint64_t more,
                                                             const content_limits& limits);

/// A contract violation: `name` is none that a store gives.
[[nodiscard]] agent_error no_content_name(const content_ref& name);

/// What was kept under `name`, if it is still what it was: else `store_corrupt`, which names it.
[[nodiscard]] outcome<std::optional<std::string>> checked_content(const content_ref& name,
                                                                  std::string bytes);

}  // namespace agentpool::core
