#include "agentpool/sim/trace_why.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace agentpool::sim {

namespace {

constexpr std::array<std::string_view, 3> kinds{"run", "message", "wake"};

/// What something of a kind is told at last, once it has begun.
struct expectation {
  std::string_view kind;
  std::string_view begun;
  std::string_view told;
  std::string_view in_words;
};
constexpr std::array<expectation, 2> expectations{{
    {"wake", "suspend_until", "wake_handed", "has not fired"},
    {"message", "send_message", "entries_handed", "was handed to no run"},
}};

bool names(const trace_line& line, std::string_view kind, const std::string& id) {
  const auto& ids = line.values(kind);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// Something that a trace tells of.
struct subject {
  std::string_view kind;
  std::string id;

  [[nodiscard]] bool is_named(const trace_line& line) const {
    if (names(line, kind, id)) return true;
    const auto is_it = [this](std::string_view actor) {
      const auto name = split_actor(actor);
      return name.role == kind && name.id == id;
    };
    return is_it(line.from) || is_it(line.to);
  }
};

/// For each line the way back that meets the subject most often.
class ways_back {
 public:
  ways_back(const trace& what, const subject& of) : what_{what} {
    steps_.resize(what.size());
    counts_.resize(what.size());
    known_since_.resize(what.size());
    latest_.resize(what.actors().size());
    for (std::size_t line = 0; line < what.size(); ++line) {
      auto& latest = latest_[what.place(line).actor];
      const bool named = of.is_named(what.lines()[line]);
      look_back(line);
      if (named) {
        ++counts_[line];
        last_ = line;
        latest = line;
      }
      known_since_[line] = latest;
    }
  }

  /// The last line that names the subject.
  [[nodiscard]] std::optional<std::size_t> last() const { return last_; }
  [[nodiscard]] const std::optional<story_step>& before(std::size_t line) const {
    return steps_[line];
  }

 private:
  void look_back(std::size_t line) {
    const auto cause = what_.cause(line);
    const auto sender = what_.sender(line);
    // What the sender knew when it sent this.
    const bool at_sender = cause && what_.place(*cause).actor == sender;
    const auto known = at_sender ? known_since_[*cause] : latest_[sender];
    if (cause) take(line, {*cause, story_link::sent_at});
    if (known && (!cause || counts_[*known] > counts_[*cause]))
      take(line, {*known, story_link::kept});
  }
  void take(std::size_t line, story_step step) {
    counts_[line] = counts_[step.line];
    steps_[line] = step;
  }

  const trace& what_;
  std::vector<std::optional<story_step>> steps_;
  std::vector<std::size_t> counts_;  ///< Lines that name the subject, from here back.
  std::vector<std::optional<std::size_t>> known_since_;  ///< The actor's latest such line then.
  std::vector<std::optional<std::size_t>> latest_;       ///< The same, for each actor now.
  std::optional<std::size_t> last_;
};

/// Whether it has more entries than it names.
bool names_some_alone(const trace_line& line, std::string_view kind) {
  const auto& entries = line.values("entries");
  return !entries.empty() && entries.front() != std::to_string(line.values(kind).size());
}

/// What of that kind began and was told nothing since, of the run or with the id.
void add_open(std::vector<std::string>& waits, const trace& what, const subject& of,
              const expectation& wanted) {
  std::vector<std::pair<std::string, std::size_t>> open;
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto& line = what.lines()[i];
    const bool told = line.is_called(wanted.told);
    if (!told && !line.is_called(wanted.begun)) continue;
    if (told && names_some_alone(line, wanted.kind)) open.clear();
    for (const auto& id : line.values(wanted.kind)) {
      const bool concerns = of.kind == wanted.kind ? id == of.id : told || of.is_named(line);
      if (!concerns) continue;
      const auto same = [&id](const auto& each) { return each.first == id; };
      open.erase(std::remove_if(open.begin(), open.end(), same), open.end());
      if (!told) open.emplace_back(id, i);
    }
  }
  for (const auto& [id, line] : open)
    waits.push_back(std::string{wanted.kind} + " " + printable(id) + " " +
                    std::string{wanted.in_words} + " since " + to_text(what.lines()[line]));
}

/// Whether it, or the request that made the pool append, names the subject.
bool is_about(const trace& what, const subject& of, std::size_t append) {
  if (of.is_named(what.lines()[append])) return true;
  const auto cause = what.cause(append);
  return cause && of.is_named(what.lines()[*cause]);
}

/// Each append is answered once, by number: those about the subject that were not.
void add_appends(std::vector<std::string>& waits, const trace& what, const subject& of,
                 const std::string& pool) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto& line = what.lines()[i];
    if (line.from == pool && line.message == "append_records") open.push_back(i);
    if (line.to != pool || line.message != "records_appended") continue;
    const auto answers = [&](std::size_t append) {
      return what.lines()[append].values("number") == line.values("number");
    };
    const auto found = std::find_if(open.begin(), open.end(), answers);
    if (found != open.end()) open.erase(found);
  }
  for (const auto append : open)
    if (is_about(what, of, append))
      waits.push_back(printable(pool) + " has no answer of the store to " +
                      to_text(what.lines()[append]));
}

std::vector<std::string> waits_of(const trace& what, const subject& of, std::size_t last) {
  std::vector<std::string> waits;
  for (const auto& wanted : expectations)
    if (of.kind == wanted.kind || (of.kind == "run" && wanted.kind == "wake"))
      add_open(waits, what, of, wanted);
  for (const auto& actor : {what.lines()[last].from, what.lines()[last].to})
    if (split_actor(actor).role == "pool") add_appends(waits, what, of, actor);
  return waits;
}

core::outcome<subject> find_subject(const trace& what, std::string_view asked) {
  std::vector<subject> found;
  const auto try_as = [&](std::string_view kind, std::string_view id) {
    subject as{kind, std::string{id}};
    const auto named = [&as](const trace_line& line) { return as.is_named(line); };
    if (std::any_of(what.lines().begin(), what.lines().end(), named))
      found.push_back(std::move(as));
  };
  for (const auto kind : kinds) try_as(kind, asked);
  for (const auto kind : kinds)
    if (asked.starts_with(std::string{kind} + ":")) try_as(kind, asked.substr(kind.size() + 1));
  if (found.empty())
    return core::contract_violation("no run, message or wake " + printable(asked) +
                                    " is named in this trace");
  if (found.size() == 1) return found.front();
  std::string forms;
  for (const auto& each : found)
    forms += (forms.empty() ? "" : " or ") + std::string{each.kind} + ":" + printable(each.id);
  return core::contract_violation("say which one is meant: " + forms);
}

/// How the step that is told next led to the line `later`.
std::string lead_in(story_link link, const trace& what, std::size_t later) {
  const auto sender = printable(what.lines()[later].from);
  const auto cause = what.cause(later);
  switch (link) {
    case story_link::last: return "";
    case story_link::sent_at: return "  sent by " + sender + " at\n";
    case story_link::kept:
      return "  sent by " + sender +
             (cause ? " at " + to_text(what.lines()[*cause]) : std::string{}) +
             "; it knew of this since\n";
  }
  return "";
}

}  // namespace

core::outcome<trace_story> why(const trace& what, std::string_view asked) {
  const auto of = find_subject(what, asked);
  if (!of) return of.error();
  const ways_back ways{what, *of};
  trace_story story{std::string{of->kind}, of->id, {}, {}};
  std::optional<story_step> step = story_step{*ways.last(), story_link::last};
  for (; step; step = ways.before(step->line)) story.steps.push_back(*step);
  story.waits = waits_of(what, *of, *ways.last());
  return story;
}

std::string to_text(const trace_story& story, const trace& what, std::size_t most) {
  std::string out = story.kind + " " + printable(story.id) + ", from the last message back:\n";
  for (std::size_t i = 0; i < std::min(most, story.steps.size()); ++i) {
    const auto& step = story.steps[i];
    if (i > 0) out += lead_in(step.link, what, story.steps[i - 1].line);
    out += to_text(what.lines()[step.line]) + "\n";
  }
  if (story.steps.size() > most)
    out += "  and so on, " + std::to_string(story.steps.size() - most) + " more\n";
  out += story.waits.empty() ? "it waits for nothing that this trace tells of\n" : "waits:\n";
  for (const auto& wait : story.waits) out += "  " + wait + "\n";
  return out;
}

}  // namespace agentpool::sim
