// What messages are called in a trace, and which ids they carry.
#include <algorithm>
#include <caf/mailbox_element.hpp>
#include <span>

#include "agentpool/core/json_tree.hpp"
#include "agentpool/messages/protocol.hpp"
#include "trace_text.hpp"

namespace agentpool::sim {

namespace {

/// What is found out about a message.
struct described {
  std::string_view name;
  std::string& ids;
};

/// Messages of one hand-over that are named; of more, `entries` tells how many there were.
constexpr std::size_t named_max = 64;

/// Appends JSON members, one after the other.
class members {
 public:
  explicit members(std::string& out) : out_{out}, begin_{out.size()} {}

  members& add(std::string_view name, std::string_view text) {
    key(name);
    core::write_json_string(out_, text);
    return *this;
  }
  members& add(std::string_view name, std::uint64_t number) {
    key(name);
    append_number(out_, number);
    return *this;
  }
  /// A list of texts, `text_of` each element.
  template <class Elements, class TextOf>
  members& add(std::string_view name, const Elements& elements, TextOf text_of) {
    key(name);
    const char* before = "[";
    for (const auto& each : elements) {
      out_ += before;
      core::write_json_string(out_, text_of(each));
      before = ",";
    }
    out_ += ']';
    return *this;
  }

 private:
  void key(std::string_view name) {
    out_ += out_.size() == begin_ ? "\"" : ",\"";
    out_ += name;
    out_ += "\":";
  }
  std::string& out_;
  std::size_t begin_;
};

/// Adds the ids of a request or an answer.
struct id_lister {
  members& out;

  void operator()(const core::open_pool&) const { out.add("ask", "open_pool"); }
  void operator()(const core::join_run& ask) const {
    out.add("ask", "join_run").add("run", ask.member.run_id.text());
  }
  void operator()(const core::leave_run& ask) const {
    out.add("ask", "leave_run").add("run", ask.run_id.text());
  }
  void operator()(const core::list_members&) const { out.add("ask", "list_members"); }
  void operator()(const core::send_message& ask) const {
    out.add("ask", "send_message")
        .add("message", ask.message->message_id.text())
        .add("run", ask.message->from.text());
  }
  void operator()(const core::cancel_message& ask) const {
    out.add("ask", "cancel_message").add("message", ask.message_id.text());
  }
  void operator()(const core::record_message_status& ask) const {
    out.add("ask", "record_message_status")
        .add("message", ask.message_id.text())
        .add("status", core::to_text(ask.status));
  }
  void operator()(const core::read_inbox& ask) const {
    out.add("ask", "read_inbox").add("run", ask.run_id.text());
  }
  void operator()(const core::ack_inbox& ask) const {
    out.add("ask", "ack_inbox").add("run", ask.run_id.text()).add("sequence", ask.sequence);
  }
  void operator()(const core::suspend_until& ask) const {
    out.add("ask", "suspend_until")
        .add("wake", ask.condition->condition_id.text())
        .add("run", ask.run_id.text());
  }
  void operator()(const core::poll_wake& ask) const {
    out.add("ask", "poll_wake").add("wake", ask.condition_id.text());
  }
  void operator()(const core::cancel_wake& ask) const {
    out.add("ask", "cancel_wake").add("wake", ask.condition_id.text());
  }
  void operator()(const core::read_wake& ask) const {
    out.add("ask", "read_wake").add("wake", ask.condition_id.text());
  }
  void operator()(const core::read_snapshot&) const { out.add("ask", "read_snapshot"); }
  void operator()(const core::publish_event& ask) const {
    const auto& envelope = ask.event->envelope;
    out.add("ask", "publish_event")
        .add("event", envelope.event_id.text())
        .add("kind", core::to_text(envelope.event_kind))
        .add("run", envelope.run_id.text());
  }
  void operator()(const core::expire_due&) const { out.add("ask", "expire_due"); }

  void operator()(const core::pool_snapshot&) const { out.add("answer", "pool_snapshot"); }
  void operator()(const core::run_joined& what) const {
    out.add("answer", "run_joined").add("sequence", what.cursor.sequence);
  }
  void operator()(const core::run_left& what) const {
    out.add("answer", "run_left").add("run", what.member.run_id.text());
  }
  void operator()(const core::member_list&) const { out.add("answer", "member_list"); }
  void operator()(const core::message_receipt& what) const {
    out.add("answer", "message_receipt")
        .add("message", what.message_id.text())
        .add("status", core::to_text(what.status));
  }
  void operator()(const core::inbox_page& what) const {
    out.add("answer", "inbox_page").add("entries", what.entries.size());
  }
  void operator()(const core::inbox_acked& what) const {
    out.add("answer", "inbox_acked").add("sequence", what.acked);
  }
  void operator()(const core::wake_registration& what) const {
    out.add("answer", "wake_registration")
        .add("wake", what.condition_id.text())
        .add("status", core::to_text(what.status));
  }
  void operator()(const core::wake_report& what) const { (*this)(what.registration); }
  void operator()(const core::event_published& what) const {
    out.add("answer", "event_published").add("event", what.cursor.event_id.text());
  }
  void operator()(const core::dues_expired&) const { out.add("answer", "dues_expired"); }
};

template <class T>
void list(members& out, const core::outcome<T>& what) {
  if (!what) {
    out.add("error", core::to_text(what.error().kind));
  } else if constexpr (std::is_same_v<T, core::answer>) {
    std::visit(id_lister{out}, *what);
  }
}

void ids(members& out, const messages::pool_asked& what) {
  std::visit(id_lister{out}, what.request->ask);
}
void ids(members& out, const messages::action_answered& what) {
  out.add("number", what.number);
  list(out, what.what);
}
void ids(members& out, const messages::append_records& what) {
  out.add("pool", what.request.pool_id.text())
      .add("number", what.number)
      .add("after", what.request.expected.sequence)
      .add("entries", what.request.entries.size());
}
void ids(members& out, const messages::records_appended& what) {
  out.add("number", what.number);
  if (!what.result) return list(out, what.result);
  using kind = core::append_result::kind;
  out.add("result", what.result->what == kind::appended ? "appended" : "conflict");
}
void ids(members& out, const messages::log_published& what) {
  out.add("entries", what.entries.size()).add("events", what.events.size());
}
void ids(members& out, const messages::entries_handed& what) {
  const auto& entries = what.entries;
  if (entries.empty()) return;
  const auto id = [](const core::inbox_entry& entry) -> const std::string& {
    return entry.message.message_id.text();
  };
  out.add("sequence", entries.front().sequence);
  if (entries.size() == 1) return static_cast<void>(out.add("message", id(entries.front())));
  const auto named = std::span{entries}.first(std::min(entries.size(), named_max));
  out.add("message", named, id).add("entries", entries.size());
}
void ids(members& out, const messages::wake_handed& what) {
  out.add("wake", what.notice.condition_id.text()).add("status", core::to_text(what.notice.status));
}
void ids(members& out, const messages::run_ready& what) {
  out.add("run", what.run_id.text()).add("credit", what.credit);
}
void ids(members& out, const messages::run_gone& what) { out.add("run", what.run_id.text()); }
void ids(members& out, const messages::read_log& what) {
  out.add("pool", what.pool_id.text()).add("number", what.number);
}
void ids(members& out, const messages::log_told& what) {
  out.add("number", what.number);
  list(out, what.content);
}
void ids(members& out, const messages::watch_changes& what) {
  out.add("pool", what.pool_id.text());
}
template <class T>
void ids(members&, const T&) {}

template <class T>
bool is(const caf::type_erased_tuple& content, std::string_view name, described& into) {
  if (!content.match_elements<T>()) return false;
  members out{into.ids};
  ids(out, content.get_as<T>(0));
  into.name = name;
  return true;
}

}  // namespace

std::string_view describe(const caf::mailbox_element& element, std::string& ids) {
  using namespace messages;
  const auto& what = element.content();
  described told{"unknown", ids};
  static_cast<void>(
      is<pool_asked>(what, "pool_asked", told) ||
      is<append_records>(what, "append_records", told) ||
      is<flush_appends>(what, "flush_appends", told) ||
      is<records_appended>(what, "records_appended", told) ||
      is<log_published>(what, "log_published", told) ||
      is<action_answered>(what, "action_answered", told) ||
      is<entries_handed>(what, "entries_handed", told) ||
      is<wake_handed>(what, "wake_handed", told) || is<run_ready>(what, "run_ready", told) ||
      is<run_gone>(what, "run_gone", told) || is<read_log>(what, "read_log", told) ||
      is<log_told>(what, "log_told", told) || is<timer_due>(what, "timer_due", told) ||
      is<pool_changed>(what, "pool_changed", told) ||
      is<watch_changes>(what, "watch_changes", told) ||
      is<keep_checkpoint>(what, "keep_checkpoint", told) ||
      is<checkpoint_kept>(what, "checkpoint_kept", told) || is<drop_old>(what, "drop_old", told) ||
      is<horizon_moved>(what, "horizon_moved", told) || is<news_taken>(what, "news_taken", told) ||
      is<journal_asked>(what, "journal_asked", told) ||
      is<close_stream>(what, "close_stream", told) || is<store_asked>(what, "store_asked", told) ||
      is<cancel_run>(what, "cancel_run", told) || is<closing>(what, "closing", told));
  return told.name;
}

}  // namespace agentpool::sim
