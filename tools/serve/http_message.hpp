#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "ending.hpp"

/// HTTP as the server's handlers see it (RFC 9110): whole requests, and ways to answer them.
namespace agentpool::tools {

using http_fields = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method;             ///< "GET", …; a HEAD comes as GET.
  std::string target;             ///< As it came.
  std::vector<std::string> path;  ///< Segments, percent-decoded; empty for "/" and "*".
  http_fields query;              ///< Decoded, in their order.
  http_fields headers;            ///< Names in lower case; a name that came twice stands twice.
  std::string body;
  std::string peer;  ///< The address that it came from, without the port.

  /// The first header of that name, which is in lower case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// The first value of that name in the query.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// Sets path and query of a request whose method is set from a target in origin form
/// ("/pools/a%20b?max=3"), in absolute form, whose host then is the header's, too, or, of OPTIONS,
/// from "*". The error says what is wrong with it.
[[nodiscard]] core::outcome<void> read_target(std::string_view target, http_request& into);

/// `text` as a segment of a path, or as a name or value of a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

struct http_response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  http_fields headers = {};
};

/// A body of unknown length, written as its reader takes it. Safe to use from any thread.
class http_stream {
 public:
  virtual ~http_stream() = default;
  /// Calls `then` once the bytes are with the network, or with false when nobody reads any more or
  /// the reader took too long. One write at a time.
  virtual void write(std::string bytes, std::function<void(bool)> then) = 0;
  /// Writes the last bytes, after what is being written, and ends. Later calls do nothing.
  virtual void end(std::string last) = 0;
  /// Nobody reads any more.
  [[nodiscard]] virtual bool gone() const = 0;
};

/// One request's way back. Safe to use from any thread. Letting go of it without an answer answers
/// that something failed here.
class http_exchange {
 public:
  virtual ~http_exchange() = default;
  /// The answer. Only the first call of `answer` or `open` counts.
  virtual void answer(http_response response) = 0;
  /// Answers with status and headers now and with the body bit by bit; `response.body` is its
  /// first part. While nothing is written, `idle` is written every 15 seconds when it is not empty.
  [[nodiscard]] virtual std::shared_ptr<http_stream> open(http_response response,
                                                          std::string idle) = 0;
  /// Calls `then` once, when the client is gone before it has its whole answer; at once when it is
  /// already. Of several the last one counts.
  virtual void when_gone(std::function<void()> then) = 0;
  /// Should that begin before the answer does, `instead` is the answer; a stream is cut off, and
  /// the client is gone.
  virtual void end_with(ending& what, http_response instead) = 0;
};

/// What a server does with requests. Called on the server's threads; must not block.
class http_handler {
 public:
  virtual ~http_handler() = default;
  /// Looks at a request before its body is read; an answer refuses it.
  [[nodiscard]] virtual std::optional<http_response> refuse(const http_request& head) = 0;
  /// Whose request it is where callers share what there is room for: its address, if nothing better
  /// is known. What a caller may write as it likes is no name.
  [[nodiscard]] virtual std::string whose(const http_request& head) const { return head.peer; }
  virtual void handle(http_request request, std::shared_ptr<http_exchange> exchange) = 0;
};

}  // namespace agentpool::tools
