#include "actors/remote/hub.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "agentpool/actors/log.hpp"

namespace agentpool::actors::remote {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds longest_tick{100};
constexpr std::chrono::milliseconds shortest_tick{5};
/// Refusals logged one by one in one tick; the others are counted.
constexpr std::size_t lines_per_tick = 16;
/// Published actors, one after the other, that are remembered.
constexpr std::size_t published_max = 1'024;
/// Nodes whose shown actors are remembered while none of their connections is there.
constexpr std::size_t rolls_max = 1'024;

/// A quarter of the shortest deadline, so that none is missed by more.
std::chrono::milliseconds tick_for(const transport_limits& limits) {
  const auto shortest = std::min({limits.handshake_max, limits.silence_max, limits.stall_max});
  return std::clamp(shortest / 4, shortest_tick, longest_tick);
}

unsigned ticks_in(std::chrono::milliseconds time, std::chrono::milliseconds tick) {
  return static_cast<unsigned>((time + tick - std::chrono::milliseconds{1}) / tick);
}

std::size_t per_tick(std::size_t per_second, std::chrono::milliseconds tick) {
  return std::max<std::size_t>(1, per_second * static_cast<std::size_t>(tick.count()) / 1'000);
}

std::string text_of(const asio::ip::tcp::endpoint& where) {
  return to_text(endpoint{where.address().to_string(), where.port()});
}

/// To be called from elsewhere, perhaps when the hub is no more. The connection needs `io` to the
/// last, so it stands below it and goes before it.
struct release_later {
  std::shared_ptr<asio::io_context> io;
  std::shared_ptr<connection> which;

  void operator()() const {
    asio::post(*io, [held = which] { held->release(); });
  }
};

}  // namespace

hub::hub(std::shared_ptr<asio::io_context> io, caf::actor_system& system, setup with)
    : io_{std::move(io)},
      with_{std::move(with)},
      gate_{system},
      timer_{*io_},
      tick_length_{tick_for(with_.limits)},
      shown_to_all_{std::make_shared<actor_roll>(published_max)} {}

hub::~hub() = default;

bool hub::allows(const tcp::endpoint& where) const {
  return with_.tls || with_.insecure || where.address().is_loopback();
}

void hub::open(tcp::acceptor acceptor) {
  if (closed_) return;
  acceptor_.emplace(std::move(acceptor));
  accept();
}

void hub::publish(const caf::actor& actor, std::set<std::string> signatures) {
  if (closed_) return;
  published_ = actor;
  signatures_ = std::move(signatures);
}

void hub::close() {
  closed_ = true;
  boost::system::error_code ignored;
  if (acceptor_) acceptor_->close(ignored);
  timer_.cancel();
  std::vector<std::shared_ptr<connection>> all;
  for (const auto& [key, of] : entries_) all.push_back(of.kept);
  for (const auto& each : all) each->end(ending::closed_here);
  for (const auto& [number, tell] : std::exchange(at_closing_, {})) tell();
  published_ = nullptr;
  gate_.forget();
}

std::uint64_t hub::at_closing(std::function<void()> then) {
  at_closing_.emplace(++next_number_, std::move(then));
  return next_number_;
}

void hub::accept() {
  if (closed_ || !acceptor_ || std::exchange(accepting_, true)) return;
  acceptor_->async_accept(
      [self = shared_from_this()](const boost::system::error_code& fault, tcp::socket socket) {
        self->accepting_ = false;
        if (self->closed_) return;
        // Out of descriptors, as a rule: trying again at once would only burn time.
        if (fault) return self->schedule_tick();
        boost::system::error_code gone;
        const auto from = socket.remote_endpoint(gone);
        if (!gone) self->accepted(std::move(socket), from);
        self->accept();
      });
}

void hub::accepted(tcp::socket socket, const tcp::endpoint& from) {
  make_room();
  auto made = std::make_shared<connection>(*this, std::move(socket),
                                           setup_for(side::accepted, text_of(from), {}), traffic_);
  auto& of = entries_[made.get()];
  of.kept = made;
  of.unfinished = from.address().to_string();
  of.peer = with_.tls ? "" : of.unfinished;
  ++unfinished_[of.unfinished];
  ++all_unfinished_;
  admit(made, {});
  if (!allows(from)) return made->end(ending::not_local);
  made->start();
}

void hub::adopt(tcp::socket to, const endpoint& where, transport::dialled then) {
  auto made = std::make_shared<connection>(
      *this, std::move(to), setup_for(side::dialled, to_text(where), where.host), traffic_);
  entries_[made.get()].kept = made;
  admit(made, std::move(then));
  made->start();
}

void hub::admit(const std::shared_ptr<connection>& which, transport::dialled then) {
  auto& of = entries_[which.get()];
  of.number = ++next_number_;
  of.then = std::move(then);
  schedule_tick();
  const std::lock_guard lock{mutex_};
  const bool accepted = which->with().opened == side::accepted;
  ++(accepted ? counters_.accepted : counters_.dialled);
  states_[of.number] = {.address = which->with().address, .accepted = accepted};
}

/// A flood of silent connections must not keep others out: of the address that has the most of
/// them, the one that has had the most time goes.
void hub::make_room() {
  if (all_unfinished_ < with_.limits.handshakes_max) return;
  const auto by_count = [](const auto& left, const auto& right) {
    return left.second < right.second;
  };
  const auto most = std::max_element(unfinished_.begin(), unfinished_.end(), by_count)->first;
  const entry* oldest = nullptr;
  for (const auto& [key, of] : entries_)
    if (of.unfinished == most && (oldest == nullptr || of.number < oldest->number)) oldest = &of;
  if (oldest == nullptr) return;
  const auto which = oldest->kept;
  which->end(ending::handshakes_full);
}

/// From now on it is counted with those that have come further.
void hub::finish(entry& of) {
  if (of.unfinished.empty()) return;
  --all_unfinished_;
  const auto counted = unfinished_.find(of.unfinished);
  if (--counted->second == 0) unfinished_.erase(counted);
  of.unfinished.clear();
}

connection::setup hub::setup_for(side opened, std::string address, std::string host) {
  const auto& limits = with_.limits;
  return {
      .opened = opened,
      .address = std::move(address),
      .tls = with_.tls,
      .host = std::move(host),
      .rules = with_.rules,
      .published = shown_to_all_,
      .bounds = {.buffer_bytes = std::max(limits.relay_bytes_max, 2 * basp_filter::lookahead_max),
                 .frames_per_tick = per_tick(limits.frames_per_second_max, tick_length_),
                 .bytes_per_tick = per_tick(limits.bytes_per_second_max, tick_length_),
                 .silent_ticks = ticks_in(limits.silence_max, tick_length_),
                 .stalled_ticks = ticks_in(limits.stall_max, tick_length_)},
      .handshake_ticks = ticks_in(limits.handshake_max, tick_length_),
  };
}

std::optional<ending> hub::secured(connection& which, int local_end) {
  auto& of = entries_.at(&which);
  if (with_.tls) of.peer = which.subject();
  if (which.with().opened == side::dialled) {
    let_out(which, local_end, of);
    return {};
  }
  std::size_t in_all = 0;
  std::size_t of_peer = 0;
  for (const auto& [key, other] : entries_) {
    if (key == &which || !other.handed || key->with().opened == side::dialled) continue;
    ++in_all;
    if (other.peer == of.peer) ++of_peer;
  }
  if (in_all >= with_.limits.connections_max) return ending::connections_full;
  if (of_peer >= with_.limits.connections_per_peer_max) return ending::peer_full;
  of.handed = true;
  of.in_caf = gate_.accept(local_end, which.with().address, published_, signatures_);
  return {};
}

void hub::let_out(connection& which, int local_end, entry& of) {
  of.handed = true;
  gate_.connect(local_end, which.with().address, of.then);
}

name_verdict hub::named(connection& which, const basp_node& node) {
  auto& of = entries_.at(&which);
  std::vector<std::shared_ptr<connection>> outdated;
  for (const auto& [key, other] : entries_) {
    if (key == &which || other.node != node) continue;
    // One certificate cannot speak for the node of another.
    if (key->subject() != which.subject()) return {.refused = ending::wrong_node};
    // A node connects anew only when its old connection is no more, whatever it looks like here.
    if (which.with().opened == side::accepted && key->with().opened == side::accepted)
      outdated.push_back(other.kept);
  }
  of.node = node;
  finish(of);
  which.filter().share(roll_of({which.subject(), node}));
  if (outdated.empty()) return {};
  replace(outdated, of.kept);
  return {.held = true};
}

/// What the node said on its old connections ends before what it says on the new one begins. CAF
/// forgets a connection only after having read it to its end: it would take the rest for frames.
void hub::replace(const std::vector<std::shared_ptr<connection>>& outdated,
                  const std::shared_ptr<connection>& by) {
  struct pending {
    std::size_t open = 0;
    std::vector<std::int64_t> in_caf;
  };
  const auto left = std::make_shared<pending>();
  left->open = outdated.size();
  for (const auto& each : outdated) left->in_caf.push_back(entries_.at(each.get()).in_caf);
  for (const auto& each : outdated) {
    each->retire(ending::replaced, [self = shared_from_this(), left, by] {
      if (--left->open > 0) return;
      self->gate_.drop(left->in_caf, release_later{self->io_, by});
    });
  }
}

/// Shared by a node's connections, one after the other: CAF answers on the new one what was asked
/// on the old.
std::shared_ptr<actor_roll> hub::roll_of(const node_of_subject& whose) {
  if (const auto found = rolls_.find(whose); found != rolls_.end()) return found->second;
  if (rolls_.size() >= rolls_max)
    std::erase_if(rolls_, [](const auto& roll) { return roll.second.use_count() == 1; });
  return rolls_.emplace(whose, std::make_shared<actor_roll>(with_.limits.known_actors_max))
      .first->second;
}

void hub::omitted(connection& which, ending why) {
  traffic_.frames_omitted.fetch_add(1, std::memory_order_relaxed);
  if (!entries_.at(&which).told.insert(why).second) return;
  logger().error("messages to {} are left out, as it would refuse them: {}", which.with().address,
                 to_text(why));
}

void hub::ended(connection& which, ending why, const std::string& fault) {
  const auto found = entries_.find(&which);
  if (found == entries_.end()) return;
  auto of = std::move(found->second);
  entries_.erase(found);
  finish(of);
  {
    const std::lock_guard lock{mutex_};
    ++counters_.ended[static_cast<std::size_t>(why)];
    states_.erase(of.number);
  }
  tell(which, why, fault);
  // What CAF was given and let go of, it answers itself.
  if (!of.then || (of.handed && why == ending::closed_here)) return;
  auto text = "the connection to " + which.with().address +
              " failed: " + std::string{to_text(why)} + (fault.empty() ? "" : ": " + fault);
  of.then(why == ending::tls_refused ? core::host_configuration_needed(std::move(text))
                                     : core::store_unavailable(std::move(text)));
}

void hub::tell(connection& which, ending why, const std::string& fault) {
  if (!is_refusal(why)) return;
  if (++told_ > lines_per_tick) {
    ++untold_;
    return;
  }
  const auto& subject = which.subject();
  logger().warn("connection {} {}{} ended: {}{}",
                which.with().opened == side::accepted ? "from" : "to", which.with().address,
                subject.empty() ? "" : " (" + subject + ")", to_text(why),
                fault.empty() ? "" : ": " + fault);
}

void hub::schedule_tick() {
  if (closed_ || std::exchange(ticking_, true)) return;
  timer_.expires_after(tick_length_);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& fault) {
    self->ticking_ = false;
    if (!fault) self->tick();
  });
}

void hub::tick() {
  std::vector<std::shared_ptr<connection>> all;
  all.reserve(entries_.size());
  for (const auto& [key, of] : entries_) all.push_back(of.kept);
  for (const auto& each : all) each->tick();
  note();
  told_ = 0;
  if (const auto more = std::exchange(untold_, 0); more > 0)
    logger().warn("and {} more connections ended", more);
  accept();  // it may have been out of descriptors
  if (!entries_.empty()) schedule_tick();
}

/// For whoever looks: what changes with time.
void hub::note() {
  const std::lock_guard lock{mutex_};
  for (const auto& [key, of] : entries_) {
    auto& state = states_[of.number];
    state.subject = key->subject();
    state.open = key->open();
    state.age = key->age_ticks() * tick_length_;
  }
}

transport_counters hub::counters() const {
  const std::lock_guard lock{mutex_};
  auto now = counters_;
  now.connections = states_.size();
  now.bytes_inward = traffic_.bytes_inward.load(std::memory_order_relaxed);
  now.bytes_outward = traffic_.bytes_outward.load(std::memory_order_relaxed);
  now.frames_inward = traffic_.frames_inward.load(std::memory_order_relaxed);
  now.frames_outward = traffic_.frames_outward.load(std::memory_order_relaxed);
  now.frames_omitted = traffic_.frames_omitted.load(std::memory_order_relaxed);
  return now;
}

std::vector<connection_state> hub::connections() const {
  const std::lock_guard lock{mutex_};
  std::vector<connection_state> all;
  for (const auto& [number, state] : states_) all.push_back(state);
  return all;
}

}  // namespace agentpool::actors::remote
