#pragma once

#include "http_connection_of.hpp"
#include "http_head.hpp"

/// How a connection reads requests, and keeps its deadlines.
namespace agentpool::tools::http_detail {

inline bool awaits_go_on(const http_request& head) {
  return beast::iequals(head.header("expect").value_or(""), "100-continue");
}

/// Until the first byte of the next request.
template <class Stream>
void connection<Stream>::rest() {
  if (ending_ || !keep_) return close();
  hub_->idle(number_);
  due_in(hub_->limits.idle_max);
  if (reading_) return;
  if (buffer_.size() > 0) return read_head();
  buffer_.shrink_to_fit();
  look();
}

/// Waits for bytes while a request is answered, too: that is how a client is missed.
template <class Stream>
void connection<Stream>::look() {
  reading_ = true;
  stream_.async_read_some(buffer_.prepare(first_read),
                          [self = this->shared_from_this()](error_code fault, std::size_t bytes) {
                            self->reading_ = false;
                            if (fault) return self->nothing_comes();
                            self->buffer_.commit(bytes);
                            if (!self->answering_) self->read_head();
                          });
}

/// A client may have closed its side alone and still wait for the answer.
template <class Stream>
void connection<Stream>::nothing_comes() {
  half_closed_ = true;
  keep_ = false;
  if (!answering_) return close();
  if (auto then = std::exchange(gone_, {})) then();
  if (streaming_) close();
}

template <class Stream>
void connection<Stream>::read_head() {
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
    answered_ = true;
    return respond(std::move(*refusal));
  }
  if (parser_->is_done()) return handle();
  if (!take_body()) {
    keep_ = false;
    answered_ = true;
    return respond({503,
                    "text/plain",
                    "too many large requests are under way: repeat later\n",
                    {{"Retry-After", "1"}}});
  }
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
  hub_->busy(number_);
}

/// Room for the body, of which no more is known than that it is bounded when it comes in chunks.
template <class Stream>
bool connection<Stream>::take_body() {
  const auto length = parser_->content_length();
  body_ = length ? static_cast<std::size_t>(*length) : hub_->limits.body_bytes_max;
  if (hub_->take_body(body_)) return true;
  body_ = 0;
  return false;
}

template <class Stream>
void connection<Stream>::give_body() {
  if (body_ > 0) hub_->give_body(std::exchange(body_, 0));
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
  return hub_->handler.refuse(request_head_);
}

template <class Stream>
void connection<Stream>::read_body() {
  http::async_read(stream_, buffer_, *parser_,
                   [self = this->shared_from_this()](error_code fault, std::size_t) {
                     if (self->closed_) return;
                     if (fault) return self->misread(fault);
                     self->handle();
                   });
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
  answered_ = true;
  if (fault == http::error::body_limit)
    return respond(
        {413, "text/plain",
         "a body has at most " + std::to_string(hub_->limits.body_bytes_max) + " bytes\n"});
  if (fault == http::error::header_limit || fault == http::error::buffer_overflow)
    return respond(
        {431, "text/plain",
         "the headers have at most " + std::to_string(hub_->limits.head_bytes_max) + " bytes\n"});
  respond({400, "text/plain", "not HTTP/1.1: " + fault.message() + "\n"});
}

template <class Stream>
void connection<Stream>::handle() {
  no_due();
  request_head_.body = std::move(parser_->get().body());
  parser_.reset();
  auto exchange = std::make_shared<exchange_of<Stream>>(this->shared_from_this(), request_);
  if (!reading_ && buffer_.size() == 0) look();
  hub_->handler.handle(std::exchange(request_head_, {}), std::move(exchange));
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
  if (what_is_due_ == due_for::closing) return refused();
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
  give_body();
  hub_->leave(number_);
  until_.reset();
  if (auto then = std::exchange(gone_, {})) then();
  if (auto then = std::exchange(taken_, {})) then(false);
}

}  // namespace agentpool::tools::http_detail
