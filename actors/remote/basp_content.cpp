#include "actors/remote/basp_content.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace agentpool::actors::remote {

namespace {

constexpr std::size_t type_text_max = 512;
constexpr std::size_t types_max = 4;
constexpr std::string_view no_types = "@<>";
constexpr std::string_view error_type = "@error";

/// What errors of CAF's own carry.
constexpr std::array<std::string_view, 13> plain_types{"@str", "@atom", "@i8",   "@i16", "@i32",
                                                       "@i64", "@u8",   "@u16",  "@u32", "@u64",
                                                       "bool", "float", "double"};

content_verdict failed(const payload_reader& payload) {
  return payload.wants_more() ? content_verdict::unfinished : content_verdict::malformed;
}

/// The names in "@<>+first+second", one after the other.
template <class Allowed>
content_verdict judge_types(std::string_view types, const Allowed& allowed) {
  if (!types.starts_with(no_types)) return content_verdict::malformed;
  types.remove_prefix(no_types.size());
  for (std::size_t count = 0; !types.empty(); ++count) {
    if (types.front() != '+') return content_verdict::malformed;
    if (count == types_max) return content_verdict::refused;
    types.remove_prefix(1);
    const auto name = types.substr(0, types.find('+'));
    if (!allowed(name)) return content_verdict::refused;
    types.remove_prefix(name.size());
  }
  return content_verdict::good;
}

/// CAF writes 0 and the types' names before what a message holds.
std::optional<std::string_view> types_of(payload_reader& payload, content_verdict& fault) {
  const auto zero = payload.number(2);
  if (zero && *zero == 0) {
    if (const auto types = payload.text(type_text_max)) return types;
  }
  fault = zero && *zero != 0 ? content_verdict::malformed : failed(payload);
  return {};
}

}  // namespace

content_verdict judge_error(payload_reader& payload, const filter_rules& rules) {
  if (!payload.number(1) || !payload.number(8)) return failed(payload);
  auto fault = content_verdict::good;
  const auto types = types_of(payload, fault);
  if (!types) return fault;
  return judge_types(*types, [&rules](std::string_view name) {
    return rules.message_types.contains(name) ||
           std::find(plain_types.begin(), plain_types.end(), name) != plain_types.end();
  });
}

content_verdict judge_message(payload_reader& payload, std::uint64_t message_id,
                              const filter_rules& rules) {
  if ((message_id & (basp_answered | basp_stream_message)) != 0) return content_verdict::malformed;
  const auto passed_on = payload.number(1);
  if (!passed_on) return failed(payload);
  if (*passed_on != 0) return content_verdict::refused;
  auto fault = content_verdict::good;
  const auto types = types_of(payload, fault);
  if (!types) return fault;
  if (types->substr(std::min(no_types.size() + 1, types->size())) == error_type) {
    const bool response = (message_id & basp_response) != 0;
    return response ? judge_error(payload, rules) : content_verdict::refused;
  }
  return judge_types(
      *types, [&rules](std::string_view name) { return rules.message_types.contains(name); });
}

}  // namespace agentpool::actors::remote
