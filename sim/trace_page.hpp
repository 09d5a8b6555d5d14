#pragma once

#include <string_view>

/// The page that to_html fills in.
namespace agentpool::sim {

extern const std::string_view page_style;
extern const std::string_view page_body;
extern const std::string_view page_script;
extern const std::string_view page_drawing;

}  // namespace agentpool::sim
