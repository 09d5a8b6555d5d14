#include "pool_desk.hpp"

#include <utility>

namespace agentpool::tools {

void owner_desk::submit(const core::pool_id& pool, core::command ask,
                        std::chrono::milliseconds wait, actors::callback<core::answer> then) {
  engine_.pool(pool).submit(std::move(ask), wait, std::move(then));
}

void owner_desk::join(const core::pool_id& pool, seat_wanted wanted,
                      actors::callback<seat_told> then) {
  const auto run = wanted.member.run_id;
  if (program_ != nullptr && wanted.token) program_->present(pool, run, *std::move(wanted.token));
  engine_.pool(pool).submit(
      core::join_run{std::move(wanted.member)},
      [pool, run, program = program_, then = std::move(then)](core::outcome<core::answer> joined) {
        if (!joined) return then(joined.error());
        seat_told told{std::get<core::run_joined>(*joined).cursor};
        if (program != nullptr) told.token = program->token(pool, run);
        then(std::move(told));
      });
}

void owner_desk::list_pools(actors::callback<std::vector<core::pool_id>> then) {
  engine_.list_pools(std::move(then));
}

void owner_desk::put_content(std::string bytes, actors::callback<core::content_ref> then) {
  engine_.put_content(std::move(bytes), std::move(then));
}

void owner_desk::get_content(core::content_ref name,
                             actors::callback<std::optional<std::string>> then) {
  engine_.get_content(std::move(name), std::move(then));
}

core::outcome<actors::pool_handle> owner_desk::reading(const core::pool_id& pool) {
  return engine_.pool(pool);
}

}  // namespace agentpool::tools
