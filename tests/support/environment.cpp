#include "environment.hpp"

#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace agentpool::support {
namespace {

std::optional<std::filesystem::path> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::filesystem::path required(const char* name) {
  auto value = variable(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set; run this test by ctest");
  return *value;
}

}  // namespace

std::filesystem::path program() { return required("AGENTPOOL_PROGRAM"); }

std::filesystem::path source_directory() { return required("AGENTPOOL_SOURCE_DIR"); }

std::optional<std::filesystem::path> wire_samples() { return variable("AGENTPOOL_WIRE_SAMPLES"); }

void skip(const std::string& why) { std::cout << "test skipped: " << why << std::endl; }

}  // namespace agentpool::support
