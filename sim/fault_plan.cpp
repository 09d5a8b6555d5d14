#include "agentpool/sim/fault_plan.hpp"

#include "agentpool/core/json_fields.hpp"

namespace agentpool::sim {

namespace {

template <class... Kinds>
std::vector<std::string_view> names(const std::variant<Kinds...>*) {
  return {Kinds::type...};
}

/// What is wrong with one fault; empty: nothing.
template <class Kind>
std::string wrong(const Kind& what, std::size_t engines, std::size_t programs) {
  const auto none = [](const char* field, std::size_t most) {
    return field + (": there are " + std::to_string(most)) + ", counted from 0";
  };
  if constexpr (
      requires { what.node; } || requires { what.program; })
    if (programs == 0) return "type: needs a world with nodes and programs";
  if constexpr (requires { what.node; })
    if (what.node >= engines) return none("node", engines);
  if constexpr (requires { what.program; })
    if (what.program >= programs) return none("program", programs);
  if constexpr (requires { what.write; })
    if (what.write == 0) return "write: counts from 1";
  if constexpr (requires { what.engine; })
    if (what.engine >= engines) return none("engine", engines);
  if constexpr (requires { what.append; })
    if (what.append == 0) return "append: counts from 1";
  if constexpr (requires { what.read; })
    if (what.read == 0) return "read: counts from 1";
  if constexpr (requires { what.call; })
    if (what.call == 0) return "call: counts from 1";
  if constexpr (requires { what.count; })
    if (what.count == 0) return "count: must be at least 1";
  if constexpr (requires { what.times; })
    if (what.times == 0) return "times: must be at least 1";
  return {};
}

}  // namespace

std::string_view name_of(const fault& what) { return fault_names()[what.index()]; }

const std::vector<std::string_view>& fault_names() {
  static const auto all = names(static_cast<const fault*>(nullptr));
  return all;
}

std::string to_json(const fault_plan& plan) { return core::written(plan); }

core::outcome<fault_plan> read_plan(std::string_view json) {
  const auto tree = core::parse_json(json);
  if (!tree) return tree.error();
  return core::read_json<fault_plan>(tree->root(), core::reading::request);
}

std::string fault_of(const fault_plan& plan, std::size_t engines, std::size_t programs) {
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    const auto fault = std::visit([&](const auto& what) { return wrong(what, engines, programs); },
                                  plan.faults[i]);
    if (!fault.empty()) return "faults[" + std::to_string(i) + "]." + fault;
  }
  return {};
}

}  // namespace agentpool::sim
