#pragma once

#include <string>
#include <utility>
#include <vector>

namespace agentpool::tools {

/// Schemas that are told once and referred to wherever they stand in others.
class schema_components {
 public:
  /// A name for the schema; a schema that has one keeps it.
  void add(std::string name, std::string schema);

  /// The schema, with a reference for every part of it that has a name.
  [[nodiscard]] std::string referring(std::string schema) const;

  /// All of them as one JSON object, by name; each refers to the others.
  [[nodiscard]] std::string json() const;

 private:
  [[nodiscard]] std::string without(std::string schema, std::size_t shorter_than) const;

  std::vector<std::pair<std::string, std::string>> all_;  ///< Name and schema, the longest first.
};

/// The records of docs/records.md, by their names there.
[[nodiscard]] schema_components record_components();

}  // namespace agentpool::tools
