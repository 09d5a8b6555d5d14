#include "tool_call.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t kept_max = 10'000;

std::string_view advice(const core::agent_error& error) {
  using kind = core::agent_error_kind;
  if (error.kind == kind::policy_denial)
    return "Act only as a run that you joined with pool_join, and send its session_token. Where it "
           "is your token that lacks a role or names other runs, ask the operator of the server.";
  if (error.kind == kind::host_configuration_needed)
    return "Call pool_join first: it opens the pool when nobody has and you may.";
  if (error.kind == kind::timeout || error.kind == kind::journal_failure)
    return "Nothing was done: call again in a moment, with the same idempotency_key.";
  if (error.kind == kind::invalid_state_transition &&
      error.retry == core::retry_classification::repair_needed)
    return "The arguments are not what this tool takes: correct them and call again.";
  if (error.kind == kind::invalid_state_transition)
    return "Calling again will not help. If a key was used before, choose another "
           "idempotency_key; if a run is no member, see pool_members or join with pool_join.";
  return "Tell the operator of the server.";
}

}  // namespace

void kept_tokens::keep(const core::pool_id& pool, const core::run_id& run, std::string token) {
  const std::lock_guard guard{mutex_};
  if (tokens_.size() >= kept_max) tokens_.clear();
  tokens_.insert_or_assign({pool, run}, std::move(token));
}

std::optional<std::string> kept_tokens::find(const core::pool_id& pool,
                                             const core::run_id& run) const {
  const std::lock_guard guard{mutex_};
  const auto found = tokens_.find({pool, run});
  if (found == tokens_.end()) return std::nullopt;
  return found->second;
}

tool_result tool_failure(const core::agent_error& error) {
  return {{},
          true,
          std::string{core::to_text(error.kind)} + ": " + error.message + "\n" +
              std::string{advice(error)}};
}

tool_result tool_failure(std::string text) { return {{}, true, std::move(text)}; }

std::shared_ptr<guarded_desk> desk_of(const tool_caller& caller, const core::pool_id& pool,
                                      const core::run_id& run,
                                      const std::optional<std::string>& token) {
  auto shown = caller.shown;
  if (token) shown.tokens.push_back(*token);
  if (caller.kept) {
    if (auto kept = caller.kept->find(pool, run)) shown.tokens.push_back(std::move(*kept));
  }
  return std::make_shared<guarded_desk>(caller.all, std::move(shown), caller.trace);
}

std::shared_ptr<guarded_desk> desk_of(const tool_caller& caller) {
  return std::make_shared<guarded_desk>(caller.all, caller.shown, caller.trace);
}

}  // namespace agentpool::tools
