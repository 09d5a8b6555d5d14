#include "http_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace agentpool::tests {

namespace {

using clock = std::chrono::steady_clock;

milliseconds left_until(clock::time_point end) {
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(end - clock::now()));
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

std::string text_of(const http_ask& what, const server_address& at) {
  std::string out = what.method + " " + what.target + " HTTP/1.1\r\n";
  bool host = false;
  for (const auto& [name, value] : what.headers) {
    host = host || lower(name) == "host";
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!host) out += "Host: " + at.authority() + "\r\n";
  if (!what.body.empty() || what.method == "POST")
    out += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
  return out + "\r\n" + what.body;
}

}  // namespace

server_address server_address::of(const std::string& url) {
  server_address at;
  at.tls = url.rfind("https://", 0) == 0;
  const auto begin = url.find("://") + 3;
  const auto colon = url.rfind(':');
  at.host = url.substr(begin, colon - begin);
  at.port = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
  return at;
}

std::string http_answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string{} : found->second;
}

http_client::http_client(server_address at, bool little_buffer) : at_{std::move(at)} {
  file_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file_ < 0) throw std::runtime_error{"no socket"};
  if (little_buffer) {
    const int size = 4'096;
    ::setsockopt(file_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(at_.port);
  if (::inet_pton(AF_INET, at_.host.c_str(), &to.sin_addr) != 1)
    throw std::runtime_error{"no address: " + at_.host};
  if (::connect(file_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error{"cannot connect to " + at_.authority()};
  ::fcntl(file_, F_SETFL, O_NONBLOCK);
  if (at_.tls) start_tls();
}

http_client::~http_client() {
  if (file_ >= 0) ::close(file_);
}

http_client::http_client(http_client&& other) noexcept
    : at_{std::move(other.at_)},
      file_{std::exchange(other.file_, -1)},
      context_{std::move(other.context_)},
      tls_{std::move(other.tls_)},
      read_{std::move(other.read_)},
      stream_{std::move(other.stream_)},
      stream_ended_{other.stream_ended_} {}

void http_client::wait_for(short events, milliseconds within) const {
  pollfd what{file_, events, 0};
  if (::poll(&what, 1, static_cast<int>(within.count())) == 0)
    throw std::runtime_error{"the server did nothing in time"};
}

void http_client::start_tls() {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  tls_.reset(SSL_new(context_.get()));
  SSL_set_fd(tls_.get(), file_);
  for (;;) {
    const int done = SSL_connect(tls_.get());
    if (done == 1) return;
    const int why = SSL_get_error(tls_.get(), done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
      throw std::runtime_error{"no TLS"};
    wait_for(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, answer_wait_max);
  }
}

void http_client::send(const http_ask& what) {
  if (!send_bytes(text_of(what, at_))) throw std::runtime_error{"the server takes no request"};
}

bool http_client::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (!tls_ && errno != EAGAIN) return false;
    wait_for(POLLOUT, answer_wait_max);
  }
  return true;
}

bool http_client::read_more(milliseconds within) {
  char room[16'384];
  const auto end = clock::now() + within;
  for (;;) {
    const auto got =
        tls_ ? SSL_read(tls_.get(), room, sizeof room) : ::recv(file_, room, sizeof room, 0);
    if (got > 0) {
      read_.append(room, static_cast<std::size_t>(got));
      return true;
    }
    if (tls_) {
      const int why = SSL_get_error(tls_.get(), static_cast<int>(got));
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
    } else if (got == 0 || errno != EAGAIN) {
      return false;
    }
    wait_for(POLLIN, left_until(end));
  }
}

std::optional<std::string> http_client::line(milliseconds within) {
  const auto end = clock::now() + within;
  for (;;) {
    const auto found = read_.find('\n');
    if (found != std::string::npos) {
      auto text = read_.substr(0, found);
      read_.erase(0, found + 1);
      if (!text.empty() && text.back() == '\r') text.pop_back();
      return text;
    }
    if (!read_more(left_until(end))) return std::nullopt;
  }
}

std::string http_client::bytes(std::size_t count) {
  const auto end = clock::now() + answer_wait_max;
  while (read_.size() < count)
    if (!read_more(left_until(end))) throw std::runtime_error{"the body ends too early"};
  auto text = read_.substr(0, count);
  read_.erase(0, count);
  return text;
}

http_answer http_client::head() {
  http_answer found;
  const auto first = line(answer_wait_max);
  if (!first) throw std::runtime_error{"the server closed without an answer"};
  if (first->rfind("HTTP/1.", 0) != 0) throw std::runtime_error{"no HTTP: " + *first};
  found.status = std::stoi(first->substr(9, 3));
  for (;;) {
    const auto next = line(answer_wait_max);
    if (!next) throw std::runtime_error{"the headers end too early"};
    if (next->empty()) return found;
    const auto colon = next->find(": ");
    found.headers[lower(next->substr(0, colon))] = next->substr(colon + 2);
  }
}

http_answer http_client::answer(bool to_head) {
  auto found = head();
  if (to_head || found.status == 100) return found;
  if (found.header("transfer-encoding") != "chunked") {
    const auto length = found.header("content-length");
    found.body = length.empty() ? std::string{} : bytes(std::stoul(length));
    return found;
  }
  for (;;) {
    const auto size = std::stoul(line(answer_wait_max).value(), nullptr, 16);
    found.body += bytes(size);
    line(answer_wait_max);
    if (size == 0) return found;
  }
}

http_answer http_client::open_stream(const http_ask& what) {
  send(what);
  auto found = head();
  if (found.header("content-type") == "text/event-stream") return found;
  found.body = bytes(std::stoul(found.header("content-length")));
  return found;
}

std::optional<std::string> http_client::stream_line(milliseconds within) {
  const auto end = clock::now() + within;
  for (;;) {
    const auto found = stream_.find('\n');
    if (found != std::string::npos) {
      auto text = stream_.substr(0, found);
      stream_.erase(0, found + 1);
      return text;
    }
    if (stream_ended_) return std::nullopt;
    const auto size_line = line(left_until(end));
    if (!size_line) {
      stream_ended_ = true;
      continue;
    }
    const auto size = std::stoul(*size_line, nullptr, 16);
    largest_chunk_ = std::max<std::size_t>(largest_chunk_, size);
    stream_ += bytes(size);
    line(left_until(end));
    stream_ended_ = size == 0;
  }
}

std::optional<sse_event> http_client::event(milliseconds within) {
  sse_event found;
  const auto end = clock::now() + within;
  while (const auto text = stream_line(left_until(end))) {
    if (text->empty()) {
      if (!found.data.empty()) return found;
      continue;
    }
    const auto colon = text->find(':');
    const auto name = text->substr(0, colon);
    const auto value = text->size() > colon + 2 ? text->substr(colon + 2) : std::string{};
    if (name == "id") found.id = value;
    if (name == "event") found.event = value;
    if (name == "data") found.data = value;
  }
  return std::nullopt;
}

bool http_client::quiet_for(milliseconds time) {
  if (!read_.empty() || !stream_.empty()) return false;
  pollfd what{file_, POLLIN, 0};
  return ::poll(&what, 1, static_cast<int>(time.count())) == 0;
}

std::string http_client::rest(milliseconds within) {
  const auto end = clock::now() + within;
  while (read_more(left_until(end))) {
  }
  return std::exchange(read_, {});
}

void http_client::close_sending() { ::shutdown(file_, SHUT_WR); }

}  // namespace agentpool::tests
