#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/remote/caf_gate.hpp"
#include "actors/remote/connection.hpp"
#include "actors/remote/transport.hpp"

namespace agentpool::actors::remote {

/// Everything that lives on the I/O thread: the door, the connections, and what is known of the
/// nodes at their other ends. Only `counters` and `connections` may be called from elsewhere.
class hub final : public connection_keeper, public std::enable_shared_from_this<hub> {
 public:
  using tcp = boost::asio::ip::tcp;

  struct setup {
    std::shared_ptr<const tls_context> tls;
    bool insecure = false;
    transport_limits limits;
    std::shared_ptr<const filter_rules> rules;
  };

  hub(std::shared_ptr<boost::asio::io_context> io, caf::actor_system& system, setup with);
  ~hub();

  /// Accepts from now on by `acceptor`, which listens already.
  void open(tcp::acceptor acceptor);
  void publish(const caf::actor& actor, std::set<std::string> signatures);
  /// `to` is connected; `then` is answered once.
  void adopt(tcp::socket to, const endpoint& where, transport::dialled then);
  /// Closes everything; nothing is accepted or adopted any more.
  void close();
  /// Has `then` called when the hub is closed, unless it is taken back by the number returned.
  std::uint64_t at_closing(std::function<void()> then);
  void not_at_closing(std::uint64_t number) { at_closing_.erase(number); }
  /// Whether peers may be reached at that address under this security.
  [[nodiscard]] bool allows(const tcp::endpoint& where) const;
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] const transport_limits& limits() const noexcept { return with_.limits; }

  [[nodiscard]] transport_counters counters() const;
  [[nodiscard]] std::vector<connection_state> connections() const;

  std::optional<ending> secured(connection& which, int local_end) override;
  name_verdict named(connection& which, const basp_node& node) override;
  void omitted(connection& which, ending why) override;
  void ended(connection& which, ending why, const std::string& fault) override;

 private:
  /// What the hub knows of a connection beside what that knows itself.
  struct entry {
    std::shared_ptr<connection> kept;
    std::uint64_t number = 0;  ///< In the order of coming.
    std::string peer;          ///< Counted under this name once it is known.
    std::string unfinished;    ///< The address, while accepted and without a name of its node.
    std::optional<basp_node> node;
    bool handed = false;      ///< CAF has its other end.
    std::int64_t in_caf = 0;  ///< What CAF calls it; of an accepted one.
    transport::dialled then;  ///< Of a dialled one; answers once, however often it is called.
    std::set<ending> told;    ///< Omissions that were logged.
  };
  using node_of_subject = std::pair<std::string, basp_node>;

  void accept();
  void accepted(tcp::socket socket, const tcp::endpoint& from);
  void admit(const std::shared_ptr<connection>& which, transport::dialled then);
  void make_room();
  void finish(entry& of);
  [[nodiscard]] connection::setup setup_for(side opened, std::string address, std::string host);
  [[nodiscard]] std::shared_ptr<actor_roll> roll_of(const node_of_subject& whose);
  void let_out(connection& which, int local_end, entry& of);
  void replace(const std::vector<std::shared_ptr<connection>>& outdated,
               std::shared_ptr<connection> by);
  void schedule_tick();
  void tick();
  void tell(connection& which, ending why, const std::string& fault);
  void note();

  std::shared_ptr<boost::asio::io_context> io_;  ///< CAF may still post to it when we are gone.
  setup with_;
  caf_gate gate_;
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds tick_length_;
  std::optional<tcp::acceptor> acceptor_;
  caf::actor published_;
  std::set<std::string> signatures_;
  std::unordered_map<connection*, entry> entries_;
  std::map<std::string, std::size_t> unfinished_;  ///< How many there are of each address.
  std::size_t all_unfinished_ = 0;
  std::shared_ptr<actor_roll> shown_to_all_;  ///< Actors that are or were published.
  std::map<node_of_subject, std::shared_ptr<actor_roll>> rolls_;
  relay_traffic traffic_;
  std::map<std::uint64_t, std::function<void()>> at_closing_;
  std::uint64_t next_number_ = 0;
  std::size_t told_ = 0;    ///< Lines logged since the last tick.
  std::size_t untold_ = 0;  ///< Refusals beyond them.
  bool ticking_ = false;
  bool accepting_ = false;
  bool closed_ = false;

  mutable std::mutex mutex_;  ///< Of what others may read.
  transport_counters counters_;
  std::map<std::uint64_t, connection_state> states_;
};

}  // namespace agentpool::actors::remote
