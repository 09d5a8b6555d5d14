// What messages are called in a trace, and which ids they carry.
#include <algorithm>
#include <caf/mailbox_element.hpp>
#include <caf/rtti_pair.hpp>
#include <span>

#include "agentpool/core/json_tree.hpp"
#include "agentpool/messages/protocol.hpp"
#include "describe_remote.hpp"
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
void ids(members& out, const messages::ignore_changes& what) {
  out.add("pool", what.pool_id.text());
}
template <class T>
void ids(members&, const T&) {}

/// Whether a message is of a type, told by where the type's description stands: at once.
struct told_by_address {
  caf::rtti_pair type;

  template <class T>
  [[nodiscard]] bool is(const caf::type_erased_tuple&) const {
    return type == caf::make_rtti_pair<T>();
  }
};

/// The same by its name, for programs of several parts that each have a description of their own.
struct told_by_name {
  template <class T>
  [[nodiscard]] bool is(const caf::type_erased_tuple& content) const {
    return content.match_elements<T>();
  }
};

/// Tries types in turn.
template <class By>
struct finder {
  By by;
  const caf::type_erased_tuple& content;
  described& into;

  template <class T>
  bool is(std::string_view name) {
    if (!by.template is<T>(content)) return false;
    members out{into.ids};
    ids(out, content.get_as<T>(0));
    into.name = name;
    return true;
  }

  /// The most frequent ones first.
  bool found() {
    using namespace messages;
    return is<pool_asked>("pool_asked") || is<append_records>("append_records") ||
           is<flush_appends>("flush_appends") || is<records_appended>("records_appended") ||
           is<log_published>("log_published") || is<action_answered>("action_answered") ||
           is<entries_handed>("entries_handed") || is<wake_handed>("wake_handed") ||
           is<run_ready>("run_ready") || is<run_gone>("run_gone") || is<read_log>("read_log") ||
           is<log_told>("log_told") || is<timer_due>("timer_due") ||
           is<pool_changed>("pool_changed") || is<watch_changes>("watch_changes") ||
           is<ignore_changes>("ignore_changes") || is<keep_checkpoint>("keep_checkpoint") ||
           is<checkpoint_kept>("checkpoint_kept") || is<drop_old>("drop_old") ||
           is<horizon_moved>("horizon_moved") || is<news_taken>("news_taken") ||
           is<journal_asked>("journal_asked") || is<close_stream>("close_stream") ||
           is<store_asked>("store_asked") || is<content_given>("content_given") ||
           is<flush_contents>("flush_contents") || is<cancel_run>("cancel_run") ||
           is<closing>("closing");
  }
};

}  // namespace

std::string_view describe(const caf::mailbox_element& element, std::string& ids) {
  const auto& what = element.content();
  described told{"unknown", ids};
  if (what.size() != 1) return told.name;
  if (!finder<told_by_address>{{what.type(0)}, what, told}.found())
    if (!finder<told_by_name>{{}, what, told}.found()) describe_remote(what, told.name, ids);
  return told.name;
}

}  // namespace agentpool::sim
