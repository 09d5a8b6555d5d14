#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agentpool::core {

/// Where in a JSON text a value stands: "message.to.related_refs[2].kind". Costs nothing until
/// somebody asks for the text.
class json_path {
 public:
  explicit json_path(std::string_view name) noexcept : name_{name} {}

  [[nodiscard]] json_path below(std::string_view name) const noexcept {
    json_path field{name};
    field.parent_ = this;
    return field;
  }
  [[nodiscard]] json_path below(std::size_t index) const noexcept {
    json_path element = below(std::string_view{});
    element.index_ = index;
    element.is_element_ = true;
    return element;
  }
  [[nodiscard]] std::string text() const;

 private:
  const json_path* parent_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  bool is_element_ = false;
};

/// Thrown while reading and turned into an outcome at the edge (`read_json`).
struct json_fault {
  std::string path;
  std::string what;
};

}  // namespace agentpool::core
