#pragma once

#include <spdlog/spdlog.h>

#include <exception>

#include "agentpool/actors/log.hpp"
#include "http_connection_of.hpp"
#include "http_head.hpp"

/// How a connection reads requests, and keeps its deadlines.
namespace agentpool::tools::http_detail {

inline bool takes_no_body(http::verb method) {
  return method == http::verb::get || method == http::verb::head || method == http::verb::delete_ ||
         method == http::verb::options;
}

inline bool awaits_go_on(const http_request& head) {
  return beast::iequals(head.header("expect").value_or(""), "100-continue");
}

/// Until the first byte of the next request.
template <class Stream>
void connection<Stream>::rest() {
  if (ending_ || !keep_) return close();
  due_in(hub_->limits.idle_max);
  if (reading_ && buffer_.size() > 0) {
    // What is there is a request, perhaps the whole of one: it does not wait for more bytes.
    head_wanted_ = true;
    error_code ignored;
    socket().cancel(ignored);
  }
  if (reading_) return;
  if (buffer_.size() > 0) return read_head();
  buffer_.shrink_to_fit();
  look();
}

/// Waits for bytes while a request is answered, too: that is how a client is missed.
template <class Stream>
void connection<Stream>::look() {
  reading_ = true;
  const auto most = std::min(std::max(first_read, buffer_.size()), behind_max - buffer_.size());
  stream_.async_read_some(buffer_.prepare(most),
                          [self = this->shared_from_this()](error_code fault, std::size_t bytes) {
                            self->reading_ = false;
                            const bool wanted = std::exchange(self->head_wanted_, false);
                            if (self->closed_) return;
                            if (fault && !wanted) return self->nothing_comes();
                            self->buffer_.commit(bytes);
                            if (!self->answering_) return self->read_head();
                            self->look_on();
                          });
}

/// Bytes are there that a request which is answered keeps waiting. A quick one is left alone, so
/// that many that come in one piece are not looked for one by one.
template <class Stream>
void connection<Stream>::look_on() {
  if (answered_ || streaming_) return;  // whoever writes keeps its own time
  const bool full = buffer_.size() >= behind_max;
  due_in(full ? full_wait : look_again, full ? due_for::closing : due_for::looking);
}

/// A client may have closed its side alone and still wait for the answer.
template <class Stream>
void connection<Stream>::nothing_comes() {
  half_closed_ = true;
  if (buffer_.size() == 0) keep_ = false;
  if (!answering_) return close();
  if (auto then = std::exchange(gone_, {})) then();
  if (streaming_) close();
}

template <class Stream>
void connection<Stream>::read_head() {
  // An empty line before a request is let pass (RFC 9112, 2.2).
  const std::string_view come{static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  if (come.starts_with("\r\n")) buffer_.consume(2);
  if (buffer_.size() == 0) return look();
  due_in(hub_->limits.head_max);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(hub_->limits.head_bytes_max));
  parser_->body_limit(hub_->limits.body_bytes_max);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = this->shared_from_this()](error_code fault, std::size_t) { self->head_read(fault); });
}

template <class Stream>
void connection<Stream>::head_read(error_code fault) {
  if (closed_) return;
  if (fault) return misread(fault);
  hub_->requests.fetch_add(1, std::memory_order_relaxed);
  begin_answering();
  if (auto refusal = take_head()) {
    keep_ = keep_ && parser_->is_done();
    return refuse(std::move(*refusal));
  }
  if (parser_->is_done()) return handle();
  whose_ = hub_->handler.whose(request_head_);
  parser_->eager(true);
  owes_body_ = true;
  due_in(hub_->limits.body_max);
  if (!awaits_go_on(request_head_)) return read_body();
  static const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  net::async_write(stream_, net::buffer(go_on),
                   [self = this->shared_from_this()](error_code failed, std::size_t) {
                     if (failed) return self->close();
                     self->read_body();
                   });
}

template <class Stream>
void connection<Stream>::begin_answering() {
  ++request_;
  answering_ = true;
  answered_ = false;
}

/// Room for what has come of the body since the last time.
template <class Stream>
bool connection<Stream>::take_room() {
  const auto come = parser_->get().body().size();
  if (!hub_->bodies.take(whose_, come - room_)) return false;
  room_ = come;
  return true;
}

template <class Stream>
void connection<Stream>::give_room() {
  if (room_ > 0) hub_->bodies.give(whose_, std::exchange(room_, 0));
}

/// Takes the headers over; an answer refuses them.
template <class Stream>
std::optional<http_response> connection<Stream>::take_head() {
  auto& head = parser_->get();
  request_head_ = {};
  request_head_.peer = peer_;
  request_head_.method = head.method_string();
  head_only_ = head.method() == http::verb::head;
  if (head_only_) request_head_.method = "GET";
  keep_ = head.keep_alive();
  version_ = head.version();
  for (const auto& field : head) {
    std::string name{field.name_string()};
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    request_head_.headers.emplace_back(std::move(name), std::string{field.value()});
  }
  if (auto wrong = head_fault(request_head_, version_); !wrong.empty()) {
    keep_ = false;
    doubtful_ = true;
    return http_response{400, "text/plain", std::move(wrong)};
  }
  const std::string target{head.target()};
  if (const auto read = read_target(target, request_head_); !read)
    return http_response{400, "text/plain", read.error().message + "\n"};
  if (!parser_->is_done() && takes_no_body(head.method()))
    return http_response{413, "text/plain", "a " + request_head_.method + " takes no body\n"};
  return hub_->handler.refuse(request_head_);
}

template <class Stream>
void connection<Stream>::read_body() {
  http::async_read_some(stream_, buffer_, *parser_,
                        [self = this->shared_from_this()](error_code fault, std::size_t) {
                          if (!self->closed_) self->body_read(fault);
                        });
}

template <class Stream>
void connection<Stream>::body_read(error_code fault) {
  if (fault) return misread(fault);
  if (!take_room()) {
    hub_->refused.fetch_add(1, std::memory_order_relaxed);
    keep_ = false;
    return refuse({503,
                   "text/plain",
                   "too many large requests are under way: repeat later\n",
                   {{"Retry-After", "1"}}});
  }
  if (parser_->is_done()) return handle();
  read_body();
}

/// What came is no request: says so where it can be read, and ends.
template <class Stream>
void connection<Stream>::misread(error_code fault) {
  if (fault == http::error::end_of_stream || fault == net::error::eof ||
      fault == net::error::operation_aborted || fault == net::error::connection_reset ||
      fault == net::ssl::error::stream_truncated)
    return close();
  hub_->refused.fetch_add(1, std::memory_order_relaxed);
  keep_ = false;
  if (!answering_) begin_answering();
  if (fault == http::error::body_limit)
    return refuse(
        {413, "text/plain",
         "a body has at most " + std::to_string(hub_->limits.body_bytes_max) + " bytes\n"});
  if (fault == http::error::header_limit || fault == http::error::buffer_overflow)
    return refuse(
        {431, "text/plain",
         "the headers have at most " + std::to_string(hub_->limits.head_bytes_max) + " bytes\n"});
  refuse({400, "text/plain", "not HTTP/1.1: " + fault.message() + "\n"});
}

template <class Stream>
void connection<Stream>::refuse(http_response response) {
  owes_body_ = false;
  answered_ = true;
  respond(std::move(response));
}

template <class Stream>
void connection<Stream>::handle() {
  no_due();
  owes_body_ = false;
  hub_->busy(number_);
  request_head_.body = std::move(parser_->get().body());
  parser_.reset();
  auto exchange = std::make_shared<exchange_of<Stream>>(this->shared_from_this(), request_);
  if (!reading_) {
    if (buffer_.size() == 0) {
      look();
    } else {
      look_on();
    }
  }
  const std::uint64_t number = request_;
  try {
    hub_->handler.handle(std::exchange(request_head_, {}), std::move(exchange));
  } catch (const std::exception& fault) {
    actors::logger().error("a request could not be handled: {}", fault.what());
    fail(number);  // somebody else may have kept the exchange
  } catch (...) {
    actors::logger().error("a request could not be handled: something was thrown");
    fail(number);
  }
}

// ---- deadlines, the end -------------------------------------------------------------------

template <class Stream>
void connection<Stream>::due_in(clock::duration time, due_for what) {
  due_ = clock::now() + time;
  what_is_due_ = what;
  if (!armed_ || armed_for_ > *due_) arm();
}

/// One timer, which is let run out rather than set anew for each step.
template <class Stream>
void connection<Stream>::arm() {
  armed_ = true;
  armed_for_ = *due_;
  timer_.expires_at(*due_);
  timer_.async_wait([weak = this->weak_from_this()](error_code fault) {
    const auto self = weak.lock();
    if (self && !fault) self->timer_fired();
  });
}

template <class Stream>
void connection<Stream>::timer_fired() {
  armed_ = false;
  if (!due_ || closed_) return;
  if (*due_ > clock::now()) return arm();
  due_.reset();
  const bool closes = what_is_due_ == due_for::closing;
  if (closes && sending_) hub_->stuck.fetch_add(1, std::memory_order_relaxed);
  if (closes) return refused();
  if (what_is_due_ == due_for::looking) {
    if (answering_ && !answered_ && !reading_) look();
    return;
  }
  if (sending_) return;
  chunk_ = idle_;
  send_chunk();
}

template <class Stream>
void connection<Stream>::refused() {
  hub_->refused.fetch_add(1, std::memory_order_relaxed);
  close();
}

template <class Stream>
void connection<Stream>::close() {
  if (closed_.exchange(true)) return;
  error_code ignored;
  timer_.cancel();
  socket().shutdown(tcp::socket::shutdown_both, ignored);
  socket().close(ignored);
  give_room();
  hub_->leave(number_);
  until_.reset();
  if (auto then = std::exchange(gone_, {})) then();
  if (auto then = std::exchange(taken_, {})) then(false);
}

}  // namespace agentpool::tools::http_detail
