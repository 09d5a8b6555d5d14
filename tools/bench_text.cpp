#include "bench_text.hpp"

#include <cstdio>

namespace agentpool::tools {

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string spread_json(const spread& value) {
  return "{\"median\":" + number(value.median) + ",\"least\":" + number(value.least) +
         ",\"most\":" + number(value.most) + "}";
}

}  // namespace agentpool::tools
