#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/remote/relay.hpp"

namespace agentpool::actors::remote {

class connection;

/// Who keeps a connection and decides what the connection itself cannot.
class connection_keeper {
 public:
  /// The peer is known by its certificate, or plain. The other end of the socket pair, or why not.
  [[nodiscard]] virtual std::optional<ending> secured(connection& which, int local_end) = 0;
  /// The peer has said which node it is; its frames have not gone on yet.
  [[nodiscard]] virtual name_verdict named(connection& which, const basp_node& node) = 0;
  /// A message of ours was left out, as the peer would have refused it.
  virtual void omitted(connection& which, ending why) = 0;
  /// It is closed. `fault` says more than `why`, or nothing.
  virtual void ended(connection& which, ending why, const std::string& fault) = 0;

 protected:
  ~connection_keeper() = default;
};

/// One connection on the I/O thread: TLS handshake, then the relay, by turns of what is ready.
class connection : public std::enable_shared_from_this<connection> {
 public:
  struct setup {
    side opened = side::accepted;
    std::string address;                     ///< The peer's, for logs.
    std::shared_ptr<const tls_context> tls;  ///< None: plain.
    std::string host;                        ///< What was dialled; "" for an accepted one.
    std::shared_ptr<const filter_rules> rules;
    std::shared_ptr<actor_roll> published;
    relay::bounds bounds;
    unsigned handshake_ticks = 0;
  };

  connection(connection_keeper& keeper, boost::asio::ip::tcp::socket socket, setup with,
             relay_traffic& traffic);
  ~connection();

  void start();
  void tick();
  /// Lets a peer go on that was held when it said its name.
  void release();
  /// Closes it; the keeper hears of it once.
  void end(ending why);
  /// The same; `then` runs once CAF has read what was on its way to it and closed its end.
  void retire(ending why, const std::function<void()>& then);

  [[nodiscard]] basp_filter& filter() noexcept { return filter_; }
  [[nodiscard]] const setup& with() const noexcept { return with_; }
  [[nodiscard]] const std::string& subject() const noexcept { return peer_.subject(); }
  [[nodiscard]] bool open() const noexcept { return filter_.open() && !(relay_ && relay_->held()); }
  [[nodiscard]] unsigned age_ticks() const noexcept { return age_ticks_; }

 private:
  using descriptor = boost::asio::posix::stream_descriptor;
  /// Waits that are under way.
  struct waits {
    bool read = false;
    bool write = false;
  };

  [[nodiscard]] bool say_over(ending why);
  void drain(const std::function<void()>& then);
  void step();
  void shake_hands();
  void begin_relay();
  void wait_for(const relay::wishes& want);
  void wait_on(descriptor& on, waits& under_way, bool read, bool write);
  void wait_once(descriptor& on, bool& under_way, bool write);

  connection_keeper& keeper_;
  setup with_;
  descriptor wire_;
  descriptor local_;
  wire_stream peer_;
  basp_filter filter_;
  relay_traffic& traffic_;
  std::optional<relay> relay_;
  waits wire_waits_;
  waits local_waits_;
  unsigned age_ticks_ = 0;
  bool posted_ = false;
  bool over_ = false;
};

}  // namespace agentpool::actors::remote
