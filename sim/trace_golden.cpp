#include "agentpool/sim/trace_golden.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <string_view>
#include <system_error>
#include <tuple>

namespace agentpool::sim {

namespace {

constexpr std::size_t context_lines = 3;

std::string_view role_of(std::string_view actor) { return split_actor(actor).role; }

/// Facts whose values are ids.
constexpr std::array<std::string_view, 5> id_kinds{"run", "message", "wake", "pool", "event"};

/// Gives ids numbers in the order in which they come.
class renaming {
 public:
  std::string id(std::string_view kind, const std::string& text) {
    auto& known = numbers_[std::string{kind}];
    const auto number = known.try_emplace(text, known.size() + 1).first->second;
    return std::string{kind} + "#" + std::to_string(number);
  }
  std::string actor(const std::string& name) {
    const auto parts = split_actor(name);
    auto role = printable(std::string{parts.engine} + std::string{parts.role});
    if (parts.id.empty()) return role;
    const auto of = parts.role == "journal" ? "pool" : parts.role;
    return role + ":" + printable(id(of, std::string{parts.id}));
  }

 private:
  std::map<std::string, std::map<std::string, std::size_t>> numbers_;
};

/// For each line how long the longest way is that led there.
std::vector<std::size_t> depths(const trace& what) {
  std::vector<std::size_t> depth(what.size());
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto place = what.place(i);
    if (const auto cause = what.cause(i)) depth[i] = depth[*cause] + 1;
    if (place.nth > 0)
      depth[i] = std::max(depth[i], depth[what.handled(place.actor)[place.nth - 1]] + 1);
  }
  return depth;
}

/// The lines in an order that does not depend on how independent steps were mixed: by depth, then
/// by what does not depend on ids, then by the actor, of which each depth has one line at most.
std::vector<std::size_t> settled_order(const trace& what) {
  const auto depth = depths(what);
  std::vector<std::size_t> order(what.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t i) {
    const auto& line = what.lines()[i];
    const auto& to = what.actors()[what.place(i).actor];
    return std::tuple<std::size_t, std::string_view, std::string_view, std::string_view,
                      std::string_view>{depth[i], role_of(to), line.message, role_of(line.from),
                                        to};
  };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  return order;
}

std::string ids_text(const std::vector<trace_fact>& ids, renaming& names) {
  std::string out;
  for (const auto& fact : ids) {
    const bool renamed = std::find(id_kinds.begin(), id_kinds.end(), fact.name) != id_kinds.end();
    for (std::size_t i = 0; i < fact.values.size(); ++i) {
      out += i > 0 ? "," : renamed ? "  " : "  " + printable(fact.name) + "=";
      out += renamed ? names.id(fact.name, fact.values[i]) : printable(fact.values[i]);
    }
  }
  return out;
}

/// A line of the text that begins at `at`, which moves on.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const auto end = std::min(text.find('\n', at), text.size());
  const auto line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  return line;
}

match_result first_difference(std::string_view got, std::string_view expected) {
  std::size_t in_got = 0;
  std::size_t in_expected = 0;
  std::vector<std::string_view> before;
  for (std::size_t number = 1;; ++number) {
    const bool got_ended = in_got == got.size();
    const bool expected_ended = in_expected == expected.size();
    if (got_ended && expected_ended) return {false, "another end: one newline and nothing more"};
    const auto mine = next_line(got, in_got);
    const auto wanted = next_line(expected, in_expected);
    if (mine == wanted && got_ended == expected_ended) {
      before.push_back(mine);
      continue;
    }
    std::string reason = "line " + std::to_string(number) + " is another:\n";
    for (auto i = before.size() - std::min(before.size(), context_lines); i < before.size(); ++i)
      reason.append("    ").append(before[i]).append("\n");
    const auto shown = [](bool ended, std::string_view line) {
      return ended ? std::string{"(the end)"} : printable(line);
    };
    return {false,
            reason + "  - " + shown(expected_ended, wanted) + "\n  + " + shown(got_ended, mine)};
  }
}

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using open_file = std::unique_ptr<std::FILE, close_file>;

match_result failed(const std::string& doing, const std::string& path) {
  return {false, "cannot " + doing + " " + printable(path) + ": " +
                     std::generic_category().message(errno)};
}

match_result written(const std::string& text, const std::string& path) {
  const open_file file{std::fopen(path.c_str(), "wb")};
  if (!file) return failed("write", path);
  const auto bytes = std::fwrite(text.data(), 1, text.size(), file.get());
  if (bytes != text.size() || std::fflush(file.get()) != 0) return failed("write", path);
  return {true, "wrote " + printable(path)};
}

}  // namespace

std::string normalised(const trace& what) {
  std::string out;
  renaming names;
  for (const auto i : settled_order(what)) {
    const auto& line = what.lines()[i];
    // In the order in which one reads it, so that numbers grow from line to line.
    if (!line.is_note()) out += names.actor(line.from) + " -> ";
    out += names.actor(what.actors()[what.place(i).actor]) + "  " + printable(line.message);
    out += ids_text(line.ids, names);
    if (const auto cause = what.cause(i)) {
      const auto place = what.place(*cause);
      out += "  after " + names.actor(what.actors()[place.actor]) + " " +
             std::to_string(place.nth + 1);
    }
    out += '\n';
  }
  return out;
}

match_result golden(const trace& what, const std::string& expected) {
  const auto got = normalised(what);
  if (got == expected) return {true, std::to_string(what.size()) + " messages as expected"};
  return first_difference(got, expected);
}

match_result golden_file(const trace& what, const std::string& path) {
  const char* const update = std::getenv("AGENTPOOL_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view{update} == "1") return written(normalised(what), path);
  const open_file file{std::fopen(path.c_str(), "rb")};
  if (!file) {
    auto result = failed("read", path);
    result.reason += " (AGENTPOOL_UPDATE_GOLDEN=1 writes it)";
    return result;
  }
  std::string expected;
  char buffer[4096];
  while (const auto bytes = std::fread(buffer, 1, sizeof buffer, file.get()))
    expected.append(buffer, bytes);
  auto result = golden(what, expected);
  if (!result.ok)
    result.reason =
        printable(path) + ": " + result.reason + "\n(AGENTPOOL_UPDATE_GOLDEN=1 writes it anew)";
  return result;
}

}  // namespace agentpool::sim
