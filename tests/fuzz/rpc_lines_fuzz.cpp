#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"
#include "tools/rpc_session.hpp"

namespace {

using namespace agentpool;

/// One server for all inputs, as in life: an input must not spoil it for the next.
struct server {
  actors::engine engine{
      std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>())};
  tools::rpc_session session{engine, ::open("/dev/null", O_WRONLY | O_CLOEXEC)};
};

}  // namespace

/// Any bytes as lines of JSON-RPC: answered or refused, never the end of the process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto* const running = new server;  // lives as long as the process
  std::string_view input{reinterpret_cast<const char*>(data), size};
  while (!input.empty()) {
    const auto end = input.find('\n');
    running->session.take(input.substr(0, end));
    if (end == std::string_view::npos) break;
    input.remove_prefix(end + 1);
  }
  return 0;
}
