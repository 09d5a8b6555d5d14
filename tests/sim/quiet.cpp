// What engines log of planned faults would drown what tests say.
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace {

[[maybe_unused]] const bool quiet = [] {
  spdlog::register_logger(std::make_shared<spdlog::logger>(
      "agentpool", std::make_shared<spdlog::sinks::null_sink_mt>()));
  return true;
}();

}  // namespace
