#include "page/page_kit.hpp"

#include <stdexcept>

namespace agentpool::tests {

served_pools::served_pools(const std::vector<std::string>& options)
    : options_{options}, beside_{std::make_unique<rpc_client>(store())} {
  ask("open_pool", json::object());
  start("127.0.0.1:0");
}

void served_pools::start(const std::string& listen) {
  support::command_line line{support::program().string(),
                             {"serve", "--store", store(), "--listen", listen}};
  line.arguments.insert(line.arguments.end(), options_.begin(), options_.end());
  server_ = std::make_unique<support::process>(line);
  const std::string begin = "listening on ";
  const auto told = server_->line().value_or("");
  if (told.rfind(begin, 0) != 0)
    throw std::runtime_error("the server did not start: " + server_->wait().errors);
  url_ = told.substr(begin.size());
}

void served_pools::start_again() { start(url_.substr(url_.find("//") + 2)); }

void served_pools::compact(int keep) {
  beside_->process().close_input();
  beside_->process().wait();
  const auto done = support::run_to_end(
      {support::program().string(),
       {"compact", "--store", store(), "--keep-records", std::to_string(keep)}});
  if (done.exit_code != 0) throw std::runtime_error(done.errors);
  beside_ = std::make_unique<rpc_client>(store());
}

json served_pools::ask(const std::string& method, json params) {
  params["pool_id"] = pool;
  return beside_->result(method, std::move(params));
}

void served_pools::give(const std::string& method, json params) {
  params["pool_id"] = pool;
  given_.push_back(beside_->send(method, std::move(params)));
}

void served_pools::settle() {
  for (const int id : given_)
    if (const auto answer = beside_->answer(id); !answer.contains("result"))
      throw std::runtime_error(answer.dump());
  given_.clear();
}

void served_pools::wait(const std::string& name, const std::string& run, const std::string& kind,
                        const std::string& on) {
  json filter{{"run_ids", {{"include", json::array({"run." + on})}}},
              {"kinds", {{"include", json::array({kind})}}}};
  json condition{{"condition_id", "wake." + name},
                 {"run_id", "run." + run},
                 {"filter", std::move(filter)},
                 {"resume_with", "none"},
                 {"idempotency_key", "key.wake." + name}};
  ask("suspend_until", {{"run_id", "run." + run}, {"condition", std::move(condition)}});
}

}  // namespace agentpool::tests
