#include "actors/remote/attendance.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agentpool/actors/log.hpp"

namespace agentpool::actors::remote {

void attendance_desk::start(attendance_setup setup) {
  setup_ = std::move(setup);
  space_ = core::seat_space(setup_.pool);
  pool_ = setup_.around->host.pool(setup_.pool);
  self_->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  self_->monitor(setup_.directory);
  load({});
}

/// Every run that ever came over the network and has not left: a node that was gone may have seated
/// it, so each has to show itself within its time of grace. Read again now and then: a node that
/// had the pool before may have seated runs until it knew better, and nobody else knows of them.
void attendance_desk::load(const std::string& after) {
  core::registry_query query{space_, {}, after, setup_.around->limits.registry_page};
  setup_.around->host.read_registry(
      std::move(query),
      on_turn<std::vector<core::registry_row>>(me(), [this, after](row_outcome rows) {
        if (closing_) return;
        if (!rows) {
          logger().warn("reading the seats of a pool failed: {}", brief(rows.error()));
          return look_later(setup_.around->limits.retry_after, after);
        }
        take_rows(*rows);
      }));
}

void attendance_desk::look_later(std::chrono::milliseconds time, const std::string& after) {
  self_->delayed_send(me(), time, messages::come_back{[this, after] {
                        if (!closing_) load(after);
                      }});
}

void attendance_desk::take_rows(const std::vector<core::registry_row>& rows) {
  const auto grace = setup_.around->limits.grace;
  for (const auto& row : rows) {
    if (!core::identifier_fault(row.key).empty()) continue;
    const core::run_id run{row.key};
    auto& of = seats_[run];
    if (of.busy || holds(of) || of.version >= row.version) continue;
    take_row(of, row);
    detach(run, of, of.row->leaving ? std::chrono::milliseconds{0} : grace);
  }
  if (rows.size() == setup_.around->limits.registry_page) return load(rows.back().key);
  loaded_ = true;
  look_later(grace, {});
  count();
  arm();
  for (auto& asked : std::exchange(early_, {})) on_asked(asked);
}

/// A row that is none of ours to read is as good as one with a secret that nobody has.
void attendance_desk::take_row(seat& of, const core::registry_row& row) {
  of.version = row.version;
  auto read = core::seat_of(row);
  if (!read) logger().warn("a seat of a pool cannot be read: {}", brief(read.error()));
  of.row = read ? *std::move(read) : core::run_seat{};
}

// ---- channels ---------------------------------------------------------------------------------

void attendance_desk::on_channel_enters(const messages::channel_enters& entering) {
  if (closing_) return self_->send(entering.channel, messages::pool_moved{});
  if (!channels_.try_emplace(entering.channel).second) return;
  self_->monitor(entering.channel);
  count();
}

void attendance_desk::on_channel_leaves(const messages::channel_leaves& leaving) {
  vacate(leaving.channel);
}

void attendance_desk::on_down(const caf::down_msg& down) {
  if (down.source == setup_.directory.address()) return on_closing();
  for (const auto& [channel, runs] : channels_)
    if (channel.address() == down.source) return vacate(channel);
}

void attendance_desk::vacate(const messages::seat_holder& channel) {
  auto gone = channels_.extract(channel);
  if (!gone) return;
  self_->demonitor(gone.key().address());
  for (const auto& run : gone.mapped()) {
    const auto found = seats_.find(run);
    if (found == seats_.end() || found->second.holder != gone.key()) continue;
    found->second.holder = messages::seat_holder{};
    detach(run, found->second, setup_.around->limits.grace);
  }
  count();
  arm();
}

void attendance_desk::detach(const core::run_id& run, seat& of, std::chrono::milliseconds grace) {
  if (of.due) dues_.erase({*of.due, run});
  of.due = self_->clock().now() + grace;
  dues_.emplace(*of.due, run);
}

void attendance_desk::hold(const core::run_id& run, seat& of, const messages::seat_holder& holder) {
  if (of.due) dues_.erase({*std::exchange(of.due, std::nullopt), run});
  if (holds(of) && of.holder != holder) {
    self_->send(of.holder, messages::seat_lost{run});
    if (const auto before = channels_.find(of.holder); before != channels_.end())
      before->second.erase(run);
  }
  const auto now = channels_.find(holder);
  if (now == channels_.end()) {
    // It ended while its run was seated.
    of.holder = messages::seat_holder{};
    return detach(run, of, setup_.around->limits.grace);
  }
  of.holder = holder;
  now->second.insert(run);
}

void attendance_desk::count() const {
  std::uint64_t attached = 0;
  for (const auto& [channel, runs] : channels_) attached += runs.size();
  setup_.account->attached = attached;
  setup_.account->detached = dues_.size();
  setup_.account->in_use =
      !loaded_ || !channels_.empty() || !dues_.empty() ||
      std::any_of(seats_.begin(), seats_.end(), [](const auto& one) { return one.second.busy; });
}

// ---- rows -------------------------------------------------------------------------------------

/// What is written while a transaction is under way makes up the next one.
void attendance_desk::write(core::registry_write write, written then) {
  writes_.emplace_back(std::move(write), std::move(then));
  flush();
}

void attendance_desk::flush() {
  if (writing_ || writes_.empty()) return;
  writing_ = true;
  const auto many = std::min(writes_.size(), setup_.around->limits.registry_page);
  std::vector<core::registry_write> rows;
  std::vector<written> thens;
  for (std::size_t i = 0; i < many; ++i) {
    rows.push_back(std::move(writes_[i].first));
    thens.push_back(std::move(writes_[i].second));
  }
  writes_.erase(writes_.begin(), writes_.begin() + static_cast<std::ptrdiff_t>(many));
  using answers = std::vector<core::registry_written>;
  setup_.around->host.write_registry(
      std::move(rows),
      on_turn<answers>(me(), [this, thens = std::move(thens)](core::outcome<answers> what) {
        writing_ = false;
        flush();
        for (std::size_t i = 0; i < thens.size(); ++i)
          thens[i](what ? core::outcome<core::registry_written>{what->at(i)}
                        : core::outcome<core::registry_written>{what.error()});
      }));
}

/// Reads the run's row again: another node has written it, or it is not known whether we have.
void attendance_desk::reread(const core::run_id& run,
                             const std::function<void(core::outcome<bool>)>& then) {
  setup_.around->host.read_registry(
      {space_, run.text()},
      on_turn<std::vector<core::registry_row>>(me(), [this, run, then](const row_outcome& rows) {
        if (!rows) return then(rows.error());
        auto& of = seats_[run];
        of.row.reset();
        of.version = 0;
        if (!rows->empty()) take_row(of, rows->front());
        then(of.row.has_value());
      }));
}

// ---- time -------------------------------------------------------------------------------------

void attendance_desk::on_timer(const messages::timer_due& due) {
  if (!timer_.came(due) || closing_) return;
  const auto now = self_->clock().now();
  while (!dues_.empty() && dues_.begin()->first <= now) {
    const auto run = dues_.begin()->second;
    dues_.erase(dues_.begin());
    seats_.at(run).due.reset();
    expire(run);
  }
  count();
  arm();
}

void attendance_desk::arm() {
  if (!closing_ && !dues_.empty())
    timer_.arm<messages::attendance_actor>(self_, dues_.begin()->first);
}

void attendance_desk::on_closing() {
  if (closing_) return;
  closing_ = true;
  for (const auto& [channel, runs] : channels_) self_->send(channel, messages::pool_moved{});
  for (const auto& asked : early_) self_->send(asked.channel, messages::pool_moved{});
  self_->quit();
}

messages::attendance_actor::behavior_type attendance(
    messages::attendance_actor::stateful_pointer<attendance_desk> self, attendance_setup setup) {
  auto& desk = self->state;
  desk.start(std::move(setup));
  return {
      [&desk](const messages::channel_enters& entering) { desk.on_channel_enters(entering); },
      [&desk](const messages::channel_leaves& leaving) { desk.on_channel_leaves(leaving); },
      [&desk](const messages::seat_asked& asked) { desk.on_asked(asked); },
      [&desk](const messages::seat_given_up& given_up) { desk.on_given_up(given_up); },
      [](const messages::come_back& back) { back.work(); },
      [&desk](const messages::timer_due& due) { desk.on_timer(due); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors::remote
