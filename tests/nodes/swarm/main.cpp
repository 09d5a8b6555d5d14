// A program of a swarm for tests: runs that talk and wait through nodes, and note what they were
// told. Told what to do by lines on its standard input:
//   go      runs begin to send: every program is there
//   stop    no run begins anything more; answered "stopped" once all that was asked is answered
//   count   answered "count SENT GOT": sends that were delivered, messages that runs were given
//   finish  every run ends; answered "finished N" with how many ended well
// Every 200 ms it writes "tick". What was seen goes to the file: "sent MESSAGE STATUS TO",
// "got RUN SEQUENCE MESSAGE", "wrong WHAT".
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/tcp.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

constexpr auto tick = 200ms;
const core::pool_id the_pool{"pool.swarm"};

/// What the arguments say.
struct plan {
  std::vector<std::string> nodes;
  std::string prefix;
  std::vector<std::string> prefixes;  ///< Of all programs of the swarm.
  int runs = 0;                       ///< Of each.
  std::chrono::milliseconds pace{0};  ///< Between two sends of a run, on average.
  std::string file;
  actors::remote::transport_security security;
};

/// What the runs of this program saw together.
class record {
 public:
  explicit record(const std::string& file) : file_{file} {}

  void line(const std::string& text) {
    const std::lock_guard guard{lock_};
    file_ << text << '\n';
  }
  void flush() {
    const std::lock_guard guard{lock_};
    file_.flush();
  }
  std::atomic<bool> going{false};  ///< All programs are there: whoever is sent to is a member.
  std::atomic<bool> stopping{false};
  std::atomic<std::int64_t> unanswered{0};
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> got{0};

 private:
  std::mutex lock_;
  std::ofstream file_;
};

/// Waits a while, sends to somebody, and so on.
class talker final : public actors::agent {
 public:
  talker(const plan& of, record& into, const core::run_id& run)
      : plan_{of}, record_{into}, chance_{std::hash<std::string>{}(run.text())} {}

  void on_start(actors::run_context& context) override { wait(context); }

  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    const auto& id = entry.message.message_id.text();
    if (entry.sequence <= last_) record_.line("wrong order " + context.run_id().text() + " " + id);
    last_ = entry.sequence;
    record_.line("got " + context.run_id().text() + " " + std::to_string(entry.sequence) + " " +
                 id);
    ++record_.got;
    acknowledge(context, entry.sequence);
  }

  void on_wake(actors::run_context& context, const core::wake_notice& notice) override {
    if (!waits_.erase(notice.condition_id.text()))
      record_.line("wrong wake " + notice.condition_id.text());
    if (!record_.going) return wait(context);
    if (!record_.stopping) send(context, "m" + std::to_string(++sent_), somebody());
  }

 private:
  std::string somebody() {
    const auto& prefix = plan_.prefixes[chance_() % plan_.prefixes.size()];
    return "run." + prefix + "." + std::to_string(chance_() % static_cast<unsigned>(plan_.runs));
  }

  /// Again while the store is away.
  void acknowledge(actors::run_context& context, std::uint64_t sequence) {
    ++record_.unanswered;
    context.acknowledge(sequence, [this, sequence](actors::run_context& again,
                                                   const core::outcome<core::inbox_acked>& acked) {
      --record_.unanswered;
      if (acked) return;
      if (may_repeat(acked.error())) return acknowledge(again, sequence);
      record_.line("wrong ack " + core::to_text(acked.error()));
    });
  }

  static bool may_repeat(const core::agent_error& why) {
    return why.retry == core::retry_classification::retryable;
  }

  void wait(actors::run_context& context) {
    if (record_.stopping) return;
    actors::condition_draft draft;
    draft.name = "w" + std::to_string(++waited_);
    draft.condition_id =
        core::wake_condition_id{"condition." + context.run_id().text() + "." + draft.name};
    draft.filter.kinds.include = std::vector<core::event_kind>{core::event_kind::run_checkpointed};
    const auto most = static_cast<std::uint64_t>(2 * plan_.pace.count());
    draft.timeout = std::chrono::milliseconds{1 + chance_() % most};
    waits_.insert(draft.condition_id->text());
    suspend(context, draft);
  }

  void suspend(actors::run_context& context, const actors::condition_draft& draft) {
    ++record_.unanswered;
    context.suspend(draft, [this, draft](actors::run_context& again,
                                         const core::outcome<core::wake_registration>& what) {
      --record_.unanswered;
      if (what) return;
      if (may_repeat(what.error())) return suspend(again, draft);
      record_.line("wrong suspend " + core::to_text(what.error()));
      waits_.erase(draft.condition_id->text());
      wait(again);
    });
  }

  /// Again with the same ids while it is not known what became of it.
  void send(actors::run_context& context, const std::string& name, const std::string& to) {
    actors::message_draft draft;
    draft.name = name;
    draft.message_id = core::message_id{"message." + context.run_id().text() + "." + name};
    draft.idempotency_key = core::idempotency_key{"key." + context.run_id().text() + "." + name};
    draft.to = core::to_run{core::run_id{to}};
    draft.content_ref = core::content_ref{"content." + name};
    ++record_.unanswered;
    context.send(draft, [this, name, to, draft](actors::run_context& again,
                                                const core::outcome<core::message_receipt>& what) {
      --record_.unanswered;
      if (!what && what.error().retry == core::retry_classification::retryable)
        return send(again, name, to);
      if (!what) {
        record_.line("wrong send " + core::to_text(what.error()));
      } else {
        record_.line("sent " + draft.message_id->text() + " " +
                     std::string{core::to_text(what->status)} + " " + to);
        if (what->status == core::message_status::delivered) ++record_.delivered;
      }
      wait(again);
    });
  }

  const plan& plan_;
  record& record_;
  std::mt19937_64 chance_;
  std::uint64_t last_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t waited_ = 0;
  std::set<std::string> waits_;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

plan plan_of(int argc, char** argv) {
  if (argc < 7) throw std::runtime_error{"nodes, prefix, prefixes, runs, pace and file are needed"};
  plan made;
  made.nodes = split(argv[1]);
  made.prefix = argv[2];
  made.prefixes = split(argv[3]);
  made.runs = std::stoi(argv[4]);
  made.pace = std::chrono::milliseconds{std::stoi(argv[5])};
  made.file = argv[6];
  if (argc > 7 && std::string{argv[7]} == "--insecure") made.security.insecure = true;
  if (argc > 9) made.security.tls = {argv[7], argv[8], argv[9]};
  return made;
}

/// Lines of standard input, or nothing at each tick.
class orders {
 public:
  /// False at the end of input.
  bool next(std::optional<std::string>& line) {
    line.reset();
    pollfd wanted{STDIN_FILENO, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(tick.count())) == 0) return true;
    std::string read;
    if (!std::getline(std::cin, read)) return false;
    line = read;
    return true;
  }
};

/// Starts the program's runs and waits until each has started, or could not.
std::vector<actors::run_handle> start_runs(actors::engine& engine, const plan& of, record& seen) {
  const core::agent_id agent{"agent.talker"};
  engine.register_agent(
      agent, [&](const core::run_id& id) { return std::make_unique<talker>(of, seen, id); });
  std::vector<actors::run_handle> handles;
  std::mutex lock;
  std::condition_variable started;
  int answered = 0;
  for (int i = 0; i < of.runs; ++i) {
    const core::run_id id{"run." + of.prefix + "." + std::to_string(i)};
    engine.start_run({the_pool, id, agent, {}, {}}, [&](const auto& what) {
      const std::lock_guard guard{lock};
      ++answered;
      if (what) handles.push_back(*what);
      if (!what) seen.line("wrong start " + core::to_text(what.error()));
      started.notify_all();
    });
  }
  {
    std::unique_lock guard{lock};
    started.wait(guard, [&] { return answered == of.runs; });
  }
  return handles;
}

int run(const plan& of) {
  record seen{of.file};
  actors::remote::client_options options;
  options.nodes = of.nodes;
  options.program = of.prefix;
  options.limits.request_wait = 120s;
  options.engine.limits.requests_max = 65'536;
  auto made =
      actors::remote::client::make(actors::remote::with_tcp(std::move(options), {of.security, {}}));
  if (!made) throw std::runtime_error{core::to_text(made.error())};
  auto& engine = (*made)->pools();
  if (auto opened = engine.open_pool(the_pool); !opened)
    throw std::runtime_error{core::to_text(opened.error())};
  const auto handles = start_runs(engine, of, seen);
  std::cout << "ready" << std::endl;
  orders input;
  bool told_stopped = true;
  for (std::optional<std::string> line; input.next(line);) {
    if (!told_stopped && seen.unanswered == 0) {
      told_stopped = true;
      std::cout << "stopped" << std::endl;
    }
    if (!line) {
      std::cout << "tick" << std::endl;
    } else if (*line == "go") {
      seen.going = true;
    } else if (*line == "stop") {
      seen.stopping = true;
      told_stopped = false;
    } else if (*line == "count") {
      seen.flush();
      std::cout << "count " << seen.delivered << " " << seen.got << std::endl;
    } else if (*line == "explain") {
      std::cerr << of.prefix << " has " << seen.unanswered << " unanswered\n";
      for (const auto& link : (*made)->links())
        std::cerr << "  link " << link.endpoint << " state " << static_cast<int>(link.state)
                  << " up " << link.times_up << " tries " << link.tries << " " << link.last_error
                  << '\n';
      for (const auto& pool : (*made)->reports())
        std::cerr << "  pool state " << static_cast<int>(pool.state) << " at " << pool.endpoint
                  << " requests " << pool.requests << " runs " << pool.runs << '\n';
      std::cerr << "end" << std::endl;
    } else if (*line == "finish") {
      break;
    }
  }
  int well = 0;
  for (const auto& handle : handles) handle.cancel();
  for (const auto& handle : handles)
    well += handle.wait(60s) == actors::run_status::cancelled ? 1 : 0;
  seen.flush();
  std::cout << "finished " << well << std::endl;
  (*made)->close();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(plan_of(argc, argv));
  } catch (const std::exception& fault) {
    std::cerr << fault.what() << '\n';
    return 1;
  }
}
