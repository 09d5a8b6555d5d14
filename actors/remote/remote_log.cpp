#include "actors/remote/remote_log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace agentpool::actors::remote {

namespace {

std::shared_ptr<spdlog::logger> found_or_made() {
  if (auto registered = spdlog::get("agentpool")) return registered;
  auto made = std::make_shared<spdlog::logger>(
      "agentpool", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  made->set_level(spdlog::level::warn);
  return made;
}

}  // namespace

spdlog::logger& remote_log() {
  static const auto kept = found_or_made();
  return *kept;
}

}  // namespace agentpool::actors::remote
