#include "kept_waits.hpp"

#include <utility>
#include <vector>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view space = "serve.wait";
constexpr std::size_t key_digits = 32;

/// None for what is no such row: it is written anew.
std::optional<kept_condition> condition_in(const std::string& value) {
  const auto tree = core::parse_json(value);
  if (!tree) return std::nullopt;
  auto read = core::read_json<kept_condition>(tree->root());
  if (!read) return std::nullopt;
  return *std::move(read);
}

}  // namespace

std::string kept_wait_key(const core::pool_id& pool, const core::run_id& run,
                          std::optional<std::uint64_t> joined, const core::event_filter& filter) {
  const auto by = joined ? std::to_string(*joined) : std::string{};
  return core::sha256_hex(pool.text() + '\n' + run.text() + '\n' + by + '\n' +
                          core::written(filter))
      .substr(0, key_digits);
}

void read_kept_wait(actors::engine& engine, const std::string& key,
                    actors::callback<kept_wait> then) {
  engine.read_registry(
      {std::string{space}, key},
      [then = std::move(then)](const core::outcome<std::vector<core::registry_row>>& rows) {
        if (!rows) return then(rows.error());
        if (rows->empty()) return then(kept_wait{});
        then(kept_wait{condition_in(rows->front().value), rows->front().version});
      });
}

void write_kept_wait(actors::engine& engine, const std::string& key,
                     const std::optional<kept_condition>& condition, std::uint64_t version,
                     actors::callback<std::optional<std::uint64_t>> then) {
  auto value = condition ? std::optional{core::written(*condition)} : std::nullopt;
  engine.write_registry(
      {{std::string{space}, key, std::move(value), version}},
      [then = std::move(then)](const core::outcome<std::vector<core::registry_written>>& written) {
        if (!written) return then(written.error());
        then(written->at(0));
      });
}

void forget_wait(actors::engine& engine, const std::string& key, const core::wake_condition_id& id,
                 std::function<void()> then) {
  read_kept_wait(engine, key,
                 [&engine, key, id, then = std::move(then)](const core::outcome<kept_wait>& kept) {
                   if (!kept || !kept->is_for(id)) return then();
                   write_kept_wait(engine, key, std::nullopt, kept->version,
                                   [then](const auto&) { then(); });
                 });
}

}  // namespace agentpool::tools
