#include "read_about.hpp"

#include "pool_state.hpp"
#include "tools/rpc_params.hpp"

namespace agentpool::tools::about {

namespace {

constexpr auto observe = caller_role::observe;
constexpr auto act = caller_role::act;

std::string text() { return R"({"type":"string"})"; }
std::string number() { return R"({"type":"integer","minimum":0})"; }
std::string limit_schema() {
  return R"({"type":"integer","minimum":1,"maximum":1000,"default":100})";
}
std::string id() { return R"({"type":"string","minLength":1,"maxLength":512})"; }

const query_about limit{"limit", "How many at most", limit_schema};

constexpr std::string_view next_page = "What `after` is for the next page; missing on the last one";

/// A page of members.
struct members_page {
  std::vector<core::pool_member> members;
  std::uint64_t total = 0;
  std::optional<std::string> next;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("members", self.members, core::presence::always);
    visit("total", self.total);
    visit("next", self.next);
  }
  static std::string_view describe(std::string_view name) {
    if (name == "total") return "Of all pages";
    if (name == "next") return next_page;
    return {};
  }
};

/// An event as a CloudEvent 1.0.
struct told_event {
  std::string specversion;
  std::string id;
  std::string source;
  std::string type;
  std::string datacontenttype;
  std::string time;
  std::string subject;
  std::string sequence;
  core::agent_event data;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("specversion", self.specversion);
    visit("id", self.id);
    visit("source", self.source);
    visit("type", self.type);
    visit("datacontenttype", self.datacontenttype);
    visit("time", self.time);
    visit("subject", self.subject);
    visit("sequence", self.sequence);
    visit("data", self.data);
  }
  static std::string_view describe(std::string_view name) {
    if (name == "sequence") return "Its place in the stream, which `after` takes";
    return {};
  }
};

struct events_page {
  std::vector<told_event> events;
  std::optional<std::string> next;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("events", self.events, core::presence::always);
    visit("next", self.next);
  }
  static std::string_view describe(std::string_view name) {
    return name == "next" ? next_page : std::string_view{};
  }
};

/// A page of store records, or of journal records.
template <class Record>
struct page_of_records {
  std::vector<Record> records;
  std::optional<std::string> next;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("records", self.records, core::presence::always);
    visit("next", self.next);
  }
  static std::string_view describe(std::string_view name) {
    return name == "next" ? next_page : std::string_view{};
  }
};

/// A page of an inbox.
struct told_inbox {
  std::vector<core::inbox_entry> entries;
  std::optional<std::string> next;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("entries", self.entries, core::presence::always);
    visit("next", self.next);
  }
  static std::string_view describe(std::string_view name) {
    return name == "next" ? next_page : std::string_view{};
  }
};

struct because {
  std::vector<std::string> reasons;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("because", self.reasons, core::presence::always);
  }
};

}  // namespace

route_about pools() {
  return {"list_pools", "The ids of all pools, sorted", observe, {},
          nullptr,      given<pool_ids_result>};
}

route_about pool() {
  return {"get_pool",
          "A pool and its members",
          observe,
          {{"open", "true: also the messages and wakes that are under way",
            [] { return std::string{R"({"type":"string","enum":["true","false"]})"}; }}},
          nullptr,
          given<core::pool_snapshot>};
}

route_about members() {
  return {"list_members", "The members of a pool, by run id",
          observe,        {limit, {"after", "The run id to go on after", text}},
          nullptr,        given<members_page>};
}

route_about member() {
  return {"get_member", "A member of a pool", observe, {}, nullptr, given<core::pool_member>};
}

route_about inbox() {
  return {"read_inbox",
          "The messages delivered to a run that it has not acknowledged",
          act,
          {limit,
           {"after", "The sequence to go on after", number},
           {"wait_millis", "How long to wait for a first message", number}},
          nullptr,
          given<told_inbox>};
}

route_about message() {
  return {"get_message", "A message and what became of it", observe, {},
          nullptr,       given<core::stored_message>};
}

route_about wake() {
  return {"get_wake", "A wake condition and what became of it",
          observe,    {},
          nullptr,    given<core::stored_wake>};
}

route_about events() {
  return {"read_events",
          "The events of a pool, oldest first, as CloudEvents; with Accept: text/event-stream "
          "then live ones, too, until the reader goes",
          observe,
          {limit,
           {"after", "The place to go on after, as the header Last-Event-ID", text},
           {"last",
            "Begin where so many stored events follow (up to 1000), as far as they are in memory; "
            "not with a place to go on after",
            number},
           {"run_id", "Of these runs alone, separated by commas", text},
           {"agent_id", "Of these agents alone", text},
           {"family", "Of these families alone, as agent_pool", text},
           {"kind", "Of these kinds alone, as agent_pool_run_joined", text},
           {"filter", "An EventFilter as JSON", text}},
          nullptr,
          given<events_page>,
          "application/json",
          true};
}

route_about records() {
  return {"read_records",
          "The store records of a pool, oldest first; with Accept: text/event-stream then live "
          "ones, too, as CloudEvents",
          observe,
          {limit, {"after", "The sequence to go on after, as the header Last-Event-ID", number}},
          nullptr,
          given<page_of_records<core::store_record>>,
          "application/json",
          true};
}

route_about journal() {
  return {"read_journal",
          "The journal records of a run, or of all",
          observe,
          {limit,
           {"after", "The journal_seq to go on after", number},
           {"run_id", "Of this run alone", id}},
          nullptr,
          given<page_of_records<core::journal_record>>};
}

route_about state() {
  return {"get_state",      "Who waits for what, and what is under way", observe, {}, nullptr,
          given<pool_state>};
}

route_about why() {
  return {"ask_why",
          "Why a run waits, or what became of a wake condition or a message, in sentences",
          observe,
          {{"run_id", "Of this run", id},
           {"condition_id", "Or of this wake condition", id},
           {"message_id", "Or of this message", id}},
          nullptr,
          given<because>};
}

}  // namespace agentpool::tools::about
