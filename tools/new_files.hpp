#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// A file that is to be made.
struct new_file {
  std::string path;
  std::string text;
  mode_t mode = 0644;  ///< From its first moment on, whatever the umask says.
};

/// Makes all of them or none, each whole from the moment it is seen, and on disk. Refuses, and
/// leaves what is there alone, when one of them exists.
[[nodiscard]] core::outcome<void> make_files(const std::vector<new_file>& files);

}  // namespace agentpool::tools
