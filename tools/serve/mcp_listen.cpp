#include "mcp_listen.hpp"

#include <algorithm>

#include "mcp_server.hpp"

namespace agentpool::tools {

namespace {

std::string meta_of(const mcp_message& message) {
  return R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + message.id + '}';
}

}  // namespace

bool mcp_listener::well_formed(const mcp_message& message) {
  const auto wanted = mcp_param(message, "notifications");
  return wanted && wanted->is(core::json_kind::object);
}

/// The resources that the request names and that there may be, each once.
mcp_listener::named_resources mcp_listener::named() const {
  named_resources all;
  const auto wanted = mcp_param(message_, "notifications");
  const auto uris = wanted ? wanted->find("resourceSubscriptions") : std::nullopt;
  if (!uris || !uris->is(core::json_kind::list)) return all;
  for (const auto uri : *uris) {
    if (!uri.is(core::json_kind::string) || all.size() == watched_max) continue;
    const auto same = [&](const auto& each) { return each.first == uri.text(); };
    if (std::any_of(all.begin(), all.end(), same)) continue;
    if (const auto resource = resource_at(uri.text()))
      all.emplace_back(std::string{uri.text()}, *resource);
  }
  return all;
}

void mcp_listener::begin(const std::shared_ptr<guarded_desk>& desk,
                         const std::function<void(bool)>& begun) {
  const auto all = named();
  if (all.empty()) return acknowledge(begun);
  outstanding_ = all.size();
  for (const auto& [uri, resource] : all)
    watch_resource(
        desk, resource,
        [weak = weak_from_this(), uri = uri] {
          if (const auto self = weak.lock()) self->changed(uri);
        },
        [self = shared_from_this(), uri = uri, begun](core::outcome<std::shared_ptr<void>> watch) {
          self->watched(uri, std::move(watch), begun);
        });
}

void mcp_listener::watched(const std::string& uri, core::outcome<std::shared_ptr<void>> watch,
                           const std::function<void(bool)>& begun) {
  {
    const std::lock_guard guard{mutex_};
    if (watch && !stopped_) {
      honoured_.insert(uri);
      watches_.push_back(std::move(*watch));
    }
    if (--outstanding_ > 0) return;
  }
  acknowledge(begun);
}

/// Tells what is watched, then what has changed since.
void mcp_listener::acknowledge(const std::function<void(bool)>& begun) {
  std::set<std::string> honoured;
  {
    const std::lock_guard guard{mutex_};
    honoured = honoured_;
  }
  tell_(acknowledgement(honoured));
  for (;;) {
    std::set<std::string> early;
    {
      const std::lock_guard guard{mutex_};
      early = std::exchange(early_, {});
      acknowledged_ = early.empty();
    }
    if (early.empty()) break;
    for (const auto& uri : early) tell_(update(uri));
  }
  begun(!honoured.empty());
}

void mcp_listener::changed(const std::string& uri) {
  {
    const std::lock_guard guard{mutex_};
    if (stopped_) return;
    if (!acknowledged_) {
      early_.insert(uri);
      return;
    }
  }
  tell_(update(uri));
}

void mcp_listener::stop() {
  std::vector<std::shared_ptr<void>> gone;  // let go without the lock
  const std::lock_guard guard{mutex_};
  stopped_ = true;
  gone = std::exchange(watches_, {});
}

std::string mcp_listener::acknowledgement(const std::set<std::string>& honoured) const {
  std::string all = "{";
  if (!honoured.empty()) {
    all += "\"resourceSubscriptions\":[";
    for (const auto& uri : honoured) {
      if (all.back() != '[') all += ',';
      core::write_json_string(all, uri);
    }
    all += ']';
  }
  return mcp_notification_line("notifications/subscriptions/acknowledged",
                               meta_of(message_) + ",\"notifications\":" + all + '}');
}

std::string mcp_listener::update(const std::string& uri) const {
  std::string fields = meta_of(message_) + ",\"uri\":";
  core::write_json_string(fields, uri);
  return mcp_notification_line("notifications/resources/updated", fields);
}

std::string mcp_listener::last_line() const {
  return mcp_result_line(message_.id, R"("resultType":"complete","_meta":{)"
                                      R"("io.modelcontextprotocol/subscriptionId":)" +
                                          message_.id +
                                          R"(,"io.modelcontextprotocol/serverInfo":)" +
                                          mcp_server_info() + '}');
}

}  // namespace agentpool::tools
