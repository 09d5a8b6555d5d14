#pragma once

#include <span>
#include <string_view>

namespace agentpool::tools {

/// A file of tools/serve/page/, as the program carries it.
struct page_file {
  std::string_view name;  ///< "page.html".
  std::string_view etag;  ///< The SHA-256 of its bytes, in quotation marks.
  std::string_view bytes;
};

/// All of them, sorted by name.
[[nodiscard]] std::span<const page_file> page_files();

}  // namespace agentpool::tools
