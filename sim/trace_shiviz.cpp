#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "agentpool/sim/trace_export.hpp"

namespace agentpool::sim {

namespace {

/// How many events of each host led here, this one counted. Hosts by the number of the actor.
using vector_clock = std::map<std::size_t, std::uint64_t>;

/// Host names without white space, no two the same.
std::vector<std::string> hosts_of(const trace& what) {
  static constexpr std::string_view plain = "_.:/#-";
  std::vector<std::string> hosts;
  std::set<std::string> used;
  for (const auto& actor : what.actors()) {
    std::string host;
    for (const char letter : actor) {
      const bool kept = std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                        plain.find(letter) != std::string_view::npos;
      host += kept ? letter : '_';
    }
    while (!used.insert(host).second) host += "~" + std::to_string(hosts.size());
    hosts.push_back(std::move(host));
  }
  return hosts;
}

class shiviz_log {
 public:
  explicit shiviz_log(const trace& what)
      : what_{what}, hosts_{hosts_of(what)}, now_(what.actors().size()) {}

  std::string write() {
    std::vector<vector_clock> clocks(what_.size());
    for (std::size_t i = 0; i < what_.size(); ++i) {
      const auto& line = what_.lines()[i];
      const auto sender = what_.sender(i);
      const auto receiver = what_.place(i).actor;
      if (const auto cause = what_.cause(i)) {
        merge(now_[receiver], clocks[*cause]);
      } else if (sender != receiver) {
        append(sender, printable(line.from) + " sends " + printable(line.message));
        merge(now_[receiver], now_[sender]);
      }
      append(receiver, to_text(line));
      clocks[i] = now_[receiver];
    }
    return out_;
  }

 private:
  static void merge(vector_clock& into, const vector_clock& other) {
    for (const auto& [host, count] : other) into[host] = std::max(into[host], count);
  }

  /// An event of that host.
  void append(std::size_t host, const std::string& what) {
    ++now_[host][host];
    out_ += what + "\n" + hosts_[host] + " {";
    const char* comma = "";
    for (const auto& [other, count] : now_[host]) {
      out_ += comma + ("\"" + hosts_[other]) + "\":" + std::to_string(count);
      comma = ",";
    }
    out_ += "}\n";
  }

  const trace& what_;
  std::vector<std::string> hosts_;
  std::vector<vector_clock> now_;
  std::string out_ = "\n\n";
};

}  // namespace

std::string to_shiviz(const trace& what) { return shiviz_log{what}.write(); }

}  // namespace agentpool::sim
