#include "kept_waits.hpp"

#include <utility>
#include <vector>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view space = "serve.wait";
constexpr std::size_t key_digits = 32;

}  // namespace

std::string kept_wait_key(const core::pool_id& pool, const core::run_id& run,
                          const core::event_filter& filter) {
  return core::sha256_hex(pool.text() + '\n' + run.text() + '\n' + core::written(filter))
      .substr(0, key_digits);
}

void read_kept_wait(actors::engine& engine, const std::string& key,
                    actors::callback<kept_wait> then) {
  engine.read_registry(
      {std::string{space}, key},
      [then = std::move(then)](const core::outcome<std::vector<core::registry_row>>& rows) {
        if (!rows) return then(rows.error());
        kept_wait kept;
        if (rows->empty()) return then(kept);
        kept.version = rows->front().version;
        // What is no id is written anew.
        const auto& id = rows->front().value;
        if (core::identifier_fault(id).empty()) kept.condition_id.emplace(id);
        then(std::move(kept));
      });
}

void write_kept_wait(actors::engine& engine, const std::string& key,
                     const std::optional<core::wake_condition_id>& condition, std::uint64_t version,
                     actors::callback<std::optional<std::uint64_t>> then) {
  auto value = condition ? std::optional{condition->text()} : std::nullopt;
  engine.write_registry(
      {{std::string{space}, key, std::move(value), version}},
      [then = std::move(then)](const core::outcome<std::vector<core::registry_written>>& written) {
        if (!written) return then(written.error());
        then(written->at(0));
      });
}

}  // namespace agentpool::tools
