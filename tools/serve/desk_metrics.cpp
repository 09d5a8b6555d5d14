#include "desk_metrics.hpp"

#include <chrono>
#include <utility>

#include "agentpool/core/enums.hpp"

namespace agentpool::tools {

namespace {

using std::chrono::steady_clock;

constexpr std::string_view name_of(const core::open_pool&) { return "open_pool"; }
constexpr std::string_view name_of(const core::join_run&) { return "join_run"; }
constexpr std::string_view name_of(const core::leave_run&) { return "leave_run"; }
constexpr std::string_view name_of(const core::list_members&) { return "members"; }
constexpr std::string_view name_of(const core::send_message&) { return "send"; }
constexpr std::string_view name_of(const core::cancel_message&) { return "cancel_message"; }
constexpr std::string_view name_of(const core::record_message_status&) {
  return "record_message_status";
}
constexpr std::string_view name_of(const core::read_inbox&) { return "inbox"; }
constexpr std::string_view name_of(const core::ack_inbox&) { return "ack_inbox"; }
constexpr std::string_view name_of(const core::suspend_until&) { return "suspend_until"; }
constexpr std::string_view name_of(const core::poll_wake&) { return "poll_wake"; }
constexpr std::string_view name_of(const core::cancel_wake&) { return "cancel_wake"; }
constexpr std::string_view name_of(const core::read_wake&) { return "await_wake"; }
constexpr std::string_view name_of(const core::read_snapshot&) { return "snapshot"; }
constexpr std::string_view name_of(const core::publish_event&) { return "publish_event"; }
constexpr std::string_view name_of(const core::expire_due&) { return "expire_due"; }

template <class... Commands>
std::array<std::string_view, sizeof...(Commands)> names(const std::variant<Commands...>*) {
  return {name_of(Commands{})...};
}

/// One operation's figures.
class operation_counts {
 public:
  operation_counts(prometheus::Registry& registry, std::string_view name)
      : name_{name},
        seconds_{histogram_in(registry, "agentpool_operation_seconds",
                              "From an operation of a caller to its answer, but for what waits",
                              latency_buckets(), {{"operation", name_}})},
        waited_{counter_in(registry, "agentpool_operation_waits_total",
                           "Operations that waited for what comes", {{"operation", name_}})},
        errors_{prometheus::BuildCounter()
                    .Name("agentpool_operation_errors_total")
                    .Help("Operations that were answered with an error, by its kind")
                    .Register(registry)} {}

  void succeeded(steady_clock::time_point since, bool waited) {
    if (waited) return waited_.Increment();
    seconds_.Observe(std::chrono::duration<double>(steady_clock::now() - since).count());
  }
  void failed(core::agent_error_kind kind) {
    errors_.Add({{"operation", name_}, {"kind", std::string{core::to_text(kind)}}}).Increment();
  }

 private:
  const std::string name_;
  prometheus::Histogram& seconds_;
  prometheus::Counter& waited_;
  prometheus::Family<prometheus::Counter>& errors_;
};

class desk_counts final : public desk_watch, public std::enable_shared_from_this<desk_counts> {
 public:
  explicit desk_counts(prometheus::Registry& registry)
      : sends_{registry, "agentpool_sends_total",
               "Sends that were answered, by the status of the receipt", "status"},
        joins_{counter_in(registry, "agentpool_joins_total", "Runs that were joined")},
        leaves_{counter_in(registry, "agentpool_leaves_total", "Runs that left")},
        acks_{counter_in(registry, "agentpool_acknowledgements_total",
                         "Inboxes that were acknowledged up to a sequence")},
        denials_{counter_in(registry, "agentpool_denials_total",
                            "Operations that their caller was not let do")} {
    for (const auto name : names(static_cast<const core::command*>(nullptr)))
      operations_.push_back(std::make_unique<operation_counts>(registry, name));
  }

  actors::callback<core::answer> asking(const core::command& what, std::chrono::milliseconds wait,
                                        actors::callback<core::answer> then) override {
    return counted<core::answer>(what.index(), wait.count() > 0, std::move(then));
  }
  actors::callback<seat_told> joining(actors::callback<seat_told> then) override {
    return counted<seat_told>(joining_, false, std::move(then));
  }
  void on_denied() override { denials_.Increment(); }

 private:
  template <class T>
  actors::callback<T> counted(std::size_t operation, bool waits, actors::callback<T> then) {
    return [self = shared_from_this(), operation, waits, since = steady_clock::now(),
            then = std::move(then)](core::outcome<T> what) {
      auto& figures = *self->operations_[operation];
      if (what) {
        figures.succeeded(since, waits);
        self->on_done(operation, *what);
      } else {
        figures.failed(what.error().kind);
        if (what.error().kind == core::agent_error_kind::policy_denial) self->on_denied();
      }
      then(std::move(what));
    };
  }

  void on_done(std::size_t operation, const core::answer& what) {
    if (const auto* receipt = std::get_if<core::message_receipt>(&what)) {
      // Cancelling one is answered in the same way.
      if (operation == sending_) sends_.of(receipt->status).Increment();
    } else if (std::holds_alternative<core::run_left>(what)) {
      leaves_.Increment();
    } else if (std::holds_alternative<core::inbox_acked>(what)) {
      acks_.Increment();
    }
  }
  void on_done(std::size_t, const seat_told&) { joins_.Increment(); }

  const std::size_t joining_ = core::command{core::join_run{}}.index();
  const std::size_t sending_ = core::command{core::send_message{}}.index();
  std::vector<std::unique_ptr<operation_counts>> operations_;  ///< In the order of commands.
  counters_by<core::message_status> sends_;
  prometheus::Counter& joins_;
  prometheus::Counter& leaves_;
  prometheus::Counter& acks_;
  prometheus::Counter& denials_;
};

class append_counts final : public append_watch {
 public:
  explicit append_counts(prometheus::Registry& registry)
      : commits_{counter_in(registry, "agentpool_commits_total", "Transactions of the store")},
        failures_{counter_in(registry, "agentpool_commit_failures_total",
                             "Transactions that the store did not take")},
        conflicts_{counter_in(registry, "agentpool_commit_conflicts_total",
                              "Pools of a transaction to which another program had appended")},
        seconds_{histogram_in(registry, "agentpool_commit_seconds",
                              "How long the store took for a transaction", latency_buckets())},
        entries_{histogram_in(registry, "agentpool_commit_entries",
                              "Log entries and acknowledgements of a transaction",
                              {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192})},
        messages_{registry, "agentpool_messages_total",
                  "Messages that came to a status, as recorded here", "status"},
        wakes_{registry, "agentpool_wakes_total",
               "Wake conditions that came to a status, as recorded here", "status"} {}

  void on_append(std::span<const core::append_request> requests,
                 const std::vector<core::append_result>* results,
                 std::chrono::nanoseconds took) noexcept override {
    if (results == nullptr) return failures_.Increment();
    commits_.Increment();
    seconds_.Observe(std::chrono::duration<double>(took).count());
    std::size_t entries = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if ((*results)[i].what == core::append_result::kind::conflict) {
        conflicts_.Increment();
        continue;
      }
      entries += requests[i].entries.size() + requests[i].acks.size();
      for (const auto& entry : requests[i].entries) count(*entry);
    }
    entries_.Observe(static_cast<double>(entries));
  }

 private:
  void count(const core::log_entry& entry) {
    const auto* record = entry.record();
    if (record == nullptr) return;
    if (const auto* message = std::get_if<core::message_recorded>(&record->payload)) {
      messages_.of(message->stored.receipt.status).Increment();
    } else if (const auto* wake = std::get_if<core::wake_recorded>(&record->payload)) {
      wakes_.of(wake->stored->registration.status).Increment();
    }
  }

  prometheus::Counter& commits_;
  prometheus::Counter& failures_;
  prometheus::Counter& conflicts_;
  prometheus::Histogram& seconds_;
  prometheus::Histogram& entries_;
  counters_by<core::message_status> messages_;
  counters_by<core::wake_registration_status> wakes_;
};

}  // namespace

std::shared_ptr<desk_watch> count_operations(prometheus::Registry& registry) {
  return std::make_shared<desk_counts>(registry);
}

std::shared_ptr<append_watch> count_appends(prometheus::Registry& registry) {
  return std::make_shared<append_counts>(registry);
}

}  // namespace agentpool::tools
