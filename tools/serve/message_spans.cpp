#include "message_spans.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace agentpool::tools {

namespace {

/// Messages that wait for replies and whose delivery is remembered.
constexpr std::size_t remembered_max = 65'536;
constexpr std::uint64_t nanos_a_milli = 1'000'000;
constexpr std::string_view traceparent_key = "traceparent";

core::correlation_entry* trace_entry(core::run_message& message) {
  auto& entries = message.correlation.entries;
  const auto found = std::find_if(
      entries.begin(), entries.end(),
      [](const core::correlation_entry& entry) { return entry.key.text() == traceparent_key; });
  return found == entries.end() ? nullptr : &*found;
}

std::optional<trace_context> trace_of(const core::run_message& message) {
  for (const auto& entry : message.correlation.entries)
    if (entry.key.text() == traceparent_key) return read_traceparent(entry.value.text());
  return std::nullopt;
}

/// The span that it names is its own from now on.
void name_span(core::run_message& message, const trace_context& at) {
  core::correlation_value value{to_traceparent(at)};
  if (auto* entry = trace_entry(message)) {
    entry->value = std::move(value);
  } else {
    message.correlation.entries.push_back(
        {core::correlation_key{traceparent_key}, std::move(value)});
  }
}

/// What all spans of a message say of it.
void describe(trace_span& span, const core::pool_id& pool, const core::run_message& message,
              const core::message_receipt& receipt) {
  span.attributes = {{"messaging.system", "agentpool"},
                     {"messaging.operation.name", span.name},
                     {"messaging.destination.name", pool.text()},
                     {"messaging.message.id", message.message_id.text()},
                     {"agentpool.sender", message.from.text()},
                     {"agentpool.status", std::string{core::to_text(receipt.status)}},
                     {"agentpool.recipients", std::uint64_t{receipt.delivered_to.size()}}};
  if (message.reply_to)
    span.attributes.emplace_back("agentpool.reply_to", message.reply_to->text());
}

/// Why a status is a failure; "" when it is none.
std::string failure_of(core::message_status status) {
  switch (status) {
    case core::message_status::failed: return "nobody could be reached";
    case core::message_status::timed_out: return "the replies did not come in time";
    case core::message_status::expired: return "it had expired";
    case core::message_status::accepted:
    case core::message_status::delivered:
    case core::message_status::responded:
    case core::message_status::cancelled: return {};
  }
  return {};
}

class send_spans final : public send_watch, public std::enable_shared_from_this<send_spans> {
 public:
  explicit send_spans(span_tools with) : with_{std::move(with)} {}

  actors::callback<core::answer> sending(const core::pool_id& pool, core::run_message& message,
                                         actors::callback<core::answer> then) override {
    const auto parent = trace_of(message);
    trace_span span{"send", child_of(parent, with_.random), parent ? parent->span_id : ""};
    span.kind = span_kind::producer;
    span.begin_nanos = with_.now_nanos();
    name_span(message, span.at);
    if (!span.at.sampled) return then;
    // Of the message what the span says, not its whole.
    core::run_message named;
    named.message_id = message.message_id;
    named.from = message.from;
    named.reply_to = message.reply_to;
    return [self = shared_from_this(), pool, named = std::move(named), span = std::move(span),
            then = std::move(then)](core::outcome<core::answer> what) mutable {
      if (what) {
        const auto& receipt = std::get<core::message_receipt>(*what);
        span.end_nanos = self->with_.now_nanos();
        span.failure = failure_of(receipt.status);
        describe(span, pool, named, receipt);
        self->with_.give(std::move(span));
      }
      then(std::move(what));
    };
  }

 private:
  const span_tools with_;
};

class delivery_spans final : public append_watch {
 public:
  explicit delivery_spans(span_tools with) : with_{std::move(with)} {}

  void on_append(std::span<const core::append_request> requests,
                 const std::vector<core::append_result>* results,
                 std::chrono::nanoseconds took) noexcept override {
    if (results == nullptr) return;
    const auto now = with_.now_nanos();
    const auto begun = now - std::min(now, static_cast<std::uint64_t>(took.count()));
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if ((*results)[i].what == core::append_result::kind::conflict) continue;
      for (const auto& entry : requests[i].entries) look_at(*entry, begun, now);
    }
  }

 private:
  void look_at(const core::log_entry& entry, std::uint64_t begun, std::uint64_t now) {
    const auto* record = entry.record();
    if (record == nullptr) return;
    const auto* recorded = std::get_if<core::message_recorded>(&record->payload);
    if (recorded == nullptr) return;
    const auto& stored = recorded->stored;
    // It was decided in that millisecond, and before the store was asked.
    const auto begin = std::min((entry.recorded_at_millis + 1) * nanos_a_milli - 1, begun);
    switch (stored.receipt.status) {
      case core::message_status::accepted: return;
      case core::message_status::delivered:
        tell("deliver", record->pool_id, stored, begin, now);
        if (stored.message->response_contract) remember(*record, stored, now);
        return;
      case core::message_status::responded:
      case core::message_status::failed:
      case core::message_status::timed_out:
      case core::message_status::expired:
      case core::message_status::cancelled:
        // What was never delivered waits for nobody.
        if (!stored.message->response_contract || stored.receipt.delivered_to.empty()) return;
        return tell("await_replies", record->pool_id, stored,
                    delivered_at(*record, stored).value_or(begin), now);
    }
  }

  void tell(const char* name, const core::pool_id& pool, const core::stored_message& stored,
            std::uint64_t begin, std::uint64_t end) {
    const auto parent = trace_of(*stored.message);
    if (!parent || !parent->sampled) return;
    trace_span span{name, child_of(parent, with_.random), parent->span_id};
    span.begin_nanos = begin;
    span.end_nanos = end;
    span.failure = failure_of(stored.receipt.status);
    describe(span, pool, *stored.message, stored.receipt);
    with_.give(std::move(span));
  }

  using message_name = std::pair<core::pool_id, core::message_id>;

  void remember(const core::store_record& record, const core::stored_message& stored,
                std::uint64_t now) {
    if (delivered_.size() < remembered_max)
      delivered_.emplace(message_name{record.pool_id, stored.message->message_id}, now);
  }

  std::optional<std::uint64_t> delivered_at(const core::store_record& record,
                                            const core::stored_message& stored) {
    const auto found = delivered_.find({record.pool_id, stored.message->message_id});
    if (found == delivered_.end()) return std::nullopt;
    const auto at = found->second;
    delivered_.erase(found);
    return at;
  }

  const span_tools with_;
  std::map<message_name, std::uint64_t> delivered_;  ///< When, in nanoseconds of Unix time.
};

}  // namespace

std::shared_ptr<send_watch> trace_sends(span_tools with) {
  return std::make_shared<send_spans>(std::move(with));
}

std::shared_ptr<append_watch> trace_deliveries(span_tools with) {
  return std::make_shared<delivery_spans>(std::move(with));
}

}  // namespace agentpool::tools
