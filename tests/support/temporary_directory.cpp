#include "temporary_directory.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace agentpool::support {

temporary_directory::temporary_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "agentpool-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace agentpool::support
