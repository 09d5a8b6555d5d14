#pragma once

#include "http_connection_of.hpp"

/// How a connection answers, whole or bit by bit.
namespace agentpool::tools::http_detail {

template <class Stream>
void connection<Stream>::respond(http_response response) {
  hub_->idle(number_);
  response_.emplace();
  fill(*response_, response);
  // What has no body by its status has no length, either (RFC 9110, 8.6).
  if (response.status != 204 && response.status != 304)
    response_->content_length(response.body.size());
  if (!head_only_) response_->body() = std::move(response.body);
  const auto bytes = response_->body().size();
  due_in(hub_->limits.write_max + std::chrono::seconds{bytes / slowest_reader});
  http::async_write(stream_, *response_,
                    [self = this->shared_from_this()](error_code fault, std::size_t written) {
                      self->hub_->bytes_out.fetch_add(written, std::memory_order_relaxed);
                      self->response_.reset();
                      if (fault) return self->close();
                      self->answered();
                    });
}

template <class Stream>
void connection<Stream>::take_back(std::uint64_t number, http_response instead) {
  if (number != request_ || !answering_) return;
  if (streaming_) return close();
  if (std::exchange(answered_, true)) return;
  const auto then = std::exchange(gone_, {});
  respond(std::move(instead));
  if (then) then();
}

template <class Stream>
void connection<Stream>::answered() {
  ++request_;  // for whoever still holds on to the request it is over
  answering_ = false;
  if (std::exchange(streaming_, false)) hub_->idle(number_);
  gone_ = {};
  until_.reset();
  give_room();
  if (doubtful_ || (parser_ && !parser_->is_done())) return linger();
  parser_.reset();
  rest();
}

/// Reads on for a moment, so that a client that still writes its body reads the refusal.
template <class Stream>
void connection<Stream>::linger() {
  error_code ignored;
  due_in(linger_max);
  if constexpr (!secure) stream_.shutdown(tcp::socket::shutdown_send, ignored);
  drop_more();
}

template <class Stream>
void connection<Stream>::drop_more() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(buffer_max),
                          [self = this->shared_from_this()](error_code fault, std::size_t bytes) {
                            self->dropped_ += bytes;
                            if (fault || self->dropped_ > linger_bytes) return self->close();
                            self->drop_more();
                          });
}

// ---- a stream -----------------------------------------------------------------------------

template <class Stream>
void connection<Stream>::begin(const http_response& response, std::string idle) {
  if (head_only_) return respond(response);
  give_room();
  streaming_ = true;
  ended_ = false;
  idle_ = std::move(idle);
  chunked_ = version_ >= 11;
  if (!chunked_) keep_ = false;
  head_.emplace();
  fill(*head_, response);
  if (chunked_) head_->chunked(true);
  serializer_.emplace(*head_);
  chunk_ = response.body;
  sending_ = true;
  due_in(hub_->limits.write_max);
  http::async_write_header(stream_, *serializer_,
                           [self = this->shared_from_this()](error_code fault, std::size_t) {
                             if (fault) return self->close();
                             self->serializer_.reset();
                             self->head_.reset();
                             self->send_chunk();
                           });
}

/// Bytes of the stream's owner. Those of a quiet moment may be under way.
template <class Stream>
void connection<Stream>::send(std::string bytes) {
  if (sending_) {
    next_ = std::move(bytes);
    return;
  }
  chunk_ = std::move(bytes);
  send_chunk();
}

template <class Stream>
void connection<Stream>::send_chunk() {
  if (chunk_.empty()) return chunk_sent();
  sending_ = true;
  due_in(hub_->limits.write_max + std::chrono::seconds{chunk_.size() / slowest_reader});
  const auto done = [self = this->shared_from_this()](error_code fault, std::size_t written) {
    self->hub_->bytes_out.fetch_add(written, std::memory_order_relaxed);
    if (fault) return self->close();
    self->chunk_sent();
  };
  if (chunked_) {
    net::async_write(stream_, http::make_chunk(net::buffer(chunk_)), done);
  } else {
    net::async_write(stream_, net::buffer(chunk_), done);
  }
}

template <class Stream>
void connection<Stream>::chunk_sent() {
  sending_ = false;
  if (!next_.empty()) {
    chunk_ = std::exchange(next_, {});
    return send_chunk();
  }
  chunk_ = {};
  if (ended_) return send_last();
  if (!idle_.empty()) due_in(hub_->limits.idle_stream, due_for::idle);
  if (auto then = std::exchange(taken_, {})) then(true);
}

template <class Stream>
void connection<Stream>::send_last() {
  if (auto then = std::exchange(taken_, {})) then(true);
  if (!last_.empty()) {
    chunk_ = std::exchange(last_, {});
    return send_chunk();
  }
  if (!chunked_) return close();
  due_in(hub_->limits.write_max);
  net::async_write(stream_, http::make_chunk_last(),
                   [self = this->shared_from_this()](error_code fault, std::size_t) {
                     if (fault) return self->close();
                     self->answered();
                   });
}

}  // namespace agentpool::tools::http_detail
