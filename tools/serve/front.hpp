#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ending.hpp"
#include "guarded_desk.hpp"
#include "http_message.hpp"
#include "request_rates.hpp"
#include "route_about.hpp"
#include "token_book.hpp"
#include "watches.hpp"

namespace agentpool::tools {

/// Whom a server lets in, and how much of it.
struct front_options {
  /// Null: nobody has to say who they are, and everybody is "anonymous".
  std::shared_ptr<token_book> tokens = {};
  /// Requests must name this machine's loopback: a page elsewhere whose name was made to mean it
  /// (DNS rebinding) names itself.
  bool loopback = true;
  std::vector<std::string> hosts = {};    ///< Further names that requests may go to.
  std::vector<std::string> origins = {};  ///< Pages elsewhere that may ask; none by default.
  double rate = 10'000;                   ///< Requests a second of one caller, about; 0: any.
  std::size_t streams_max = 4'096;        ///< Open at a time.
  std::size_t waiting_max = 16'384;       ///< Requests that wait for what comes.
  /// Sees the requests to where nothing is. Null: nobody does.
  std::shared_ptr<route_watch> elsewhere = {};
};

/// How much of its bounds is taken.
struct front_counts {
  std::size_t streams = 0;
  std::size_t waiting = 0;
};

/// What a handler of a route is given.
struct route_call {
  http_request request;
  std::map<std::string, std::string, std::less<>> path;  ///< Of the pattern's {names}.
  std::shared_ptr<http_exchange> exchange;
  std::shared_ptr<guarded_desk> desk;
};

class front;

/// What one address does.
struct route {
  std::string method;
  std::string pattern;  ///< "/pools/{pool_id}/members".
  bool open = false;    ///< Also for whoever shows no token.
  std::function<void(front&, route_call)> run;
  route_about about = {};
  std::shared_ptr<route_watch> watch = {};  ///< Null: nobody looks on.
};

/// Room that is given back when the last copy goes; null when there is none.
using room_taken = std::shared_ptr<void>;

/// Checks who asks for what, and gives it to the route that does it.
class front : public http_handler {
 public:
  front(std::shared_ptr<const service> all, front_options options, std::vector<route> routes);

  [[nodiscard]] std::optional<http_response> refuse(const http_request& head) override;
  [[nodiscard]] std::string whose(const http_request& head) const override;
  void handle(http_request request, std::shared_ptr<http_exchange> exchange) override;

  [[nodiscard]] const service& all() const { return *all_; }
  [[nodiscard]] const std::vector<route>& routes() const { return routes_; }
  /// The pools for whoever shows this.
  [[nodiscard]] std::shared_ptr<guarded_desk> desk(credentials shown,
                                                   const http_request& request) const;

  /// A place for an open stream, or for a request that waits.
  [[nodiscard]] room_taken stream_room();
  [[nodiscard]] room_taken waiting_room();
  [[nodiscard]] front_counts counts() const { return {*streams_, *waiting_}; }

  /// The server is about to end: what waits is asked to come to its end. `then` is called once, at
  /// once when it has begun; keep what is returned for as long as that matters.
  [[nodiscard]] std::shared_ptr<void> when_ending(std::function<void()> then) {
    return ending_.when_begun(std::move(then));
  }
  void begin_ending() { ending_.begin(); }
  [[nodiscard]] bool ending() const { return ending_.begun(); }

 private:
  [[nodiscard]] std::optional<http_response> refusal(const http_request& head, const route* found);
  [[nodiscard]] const route* find(const http_request& request,
                                  std::map<std::string, std::string, std::less<>>* path) const;
  [[nodiscard]] const std::shared_ptr<route_watch>& watch_of(const route* found) const {
    return found == nullptr ? options_.elsewhere : found->watch;
  }
  [[nodiscard]] http_response nothing_here(const http_request& head) const;
  [[nodiscard]] std::optional<http_response> wrong_place(const http_request& head) const;
  /// The origin of a page elsewhere that was let in; none for other requests.
  [[nodiscard]] std::optional<std::string> let_in(const http_request& head) const;
  [[nodiscard]] bool may_ask_from(std::string_view origin, const http_request& head) const;
  [[nodiscard]] std::optional<caller> who_asks(const http_request& head) const;
  /// By what the caller is counted: its token, when it showed one of the server's.
  [[nodiscard]] std::string counted_as(const std::optional<caller>& who,
                                       const http_request& head) const;
  [[nodiscard]] room_taken room(const std::shared_ptr<std::atomic<std::size_t>>& taken,
                                std::size_t most) const;

  const std::shared_ptr<const service> all_;
  const front_options options_;
  const std::vector<route> routes_;
  const std::shared_ptr<std::atomic<std::size_t>> streams_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  tools::ending ending_;
  request_rates rates_;
};

/// An answer with an error as JSON: {"error": {"kind", "retry", "message"}}.
[[nodiscard]] http_response error_response(const core::agent_error& error);
/// The same for what is wrong with a request itself.
[[nodiscard]] http_response bad_request(unsigned status, std::string_view message);
/// An answer as JSON.
[[nodiscard]] http_response json_response(std::string body);

}  // namespace agentpool::tools
