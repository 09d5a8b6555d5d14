#include "fleet.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "support/environment.hpp"

namespace agentpool::tests {

namespace {

constexpr std::chrono::milliseconds start_max{120'000};

void ip(std::vector<std::string> arguments) {
  std::string said;
  for (const auto& word : arguments) said += " " + word;
  const auto end = support::run_to_end({"/usr/sbin/ip", std::move(arguments)});
  if (end.exit_code != 0) throw std::runtime_error{"ip" + said + ": " + end.errors};
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream{line};
  return {std::istream_iterator<std::string>{stream}, std::istream_iterator<std::string>{}};
}

}  // namespace

// ---- hosts ------------------------------------------------------------------------------------

std::optional<std::string> host_network::missing() {
  if (!std::filesystem::exists("/usr/sbin/ip")) return "no ip here (Debian: the package iproute2)";
  if (geteuid() != 0) return "only root may make network namespaces";
  const std::string name = "agentpool-try-" + std::to_string(getpid());
  if (support::run_to_end({"/usr/sbin/ip", {"netns", "add", name}}).exit_code != 0)
    return "network namespaces are not permitted here";
  const std::string pair = "apt" + std::to_string(getpid() % 10'000);
  const auto made = support::run_to_end(
      {"/usr/sbin/ip",
       {"-n", name, "link", "add", pair, "type", "veth", "peer", "name", pair + "p"}});
  support::run_to_end({"/usr/sbin/ip", {"netns", "del", name}});
  if (made.exit_code != 0) return "virtual network devices are not permitted here";
  return std::nullopt;
}

host_network::host_network(std::size_t hosts)
    : stem_{"agentpool-" + std::to_string(getpid())}, hosts_{hosts} {
  const auto hub = stem_ + "-hub";
  ip({"netns", "add", hub});
  ip({"-n", hub, "link", "add", "bridge", "type", "bridge"});
  ip({"-n", hub, "link", "set", "bridge", "up"});
  for (std::size_t host = 0; host < hosts; ++host) {
    const auto port = "port" + std::to_string(host);
    ip({"netns", "add", name(host)});
    ip({"-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns",
        name(host)});
    ip({"-n", hub, "link", "set", port, "master", "bridge", "up"});
    ip({"-n", name(host), "address", "add", address(host) + "/24", "dev", "eth0"});
    ip({"-n", name(host), "link", "set", "eth0", "up"});
    ip({"-n", name(host), "link", "set", "lo", "up"});
  }
}

host_network::~host_network() {
  for (std::size_t host = 0; host < hosts_; ++host)
    support::run_to_end({"/usr/sbin/ip", {"netns", "del", name(host)}});
  support::run_to_end({"/usr/sbin/ip", {"netns", "del", stem_ + "-hub"}});
}

std::string host_network::name(std::size_t host) const {
  return stem_ + "-" + std::to_string(host);
}

std::string host_network::address(std::size_t host) const {
  return "10.77.0." + std::to_string(host + 1);
}

std::vector<std::string> host_network::prefix(std::size_t host) const {
  return {"/usr/sbin/ip", "netns", "exec", name(host)};
}

void host_network::cable(std::size_t host, bool in) {
  ip({"-n", stem_ + "-hub", "link", "set", "port" + std::to_string(host), in ? "up" : "down"});
}

// ---- nodes ------------------------------------------------------------------------------------

fleet::fleet(fleet_setup setup, host_network* network)
    : setup_{std::move(setup)}, network_{network} {
  nodes_.resize(setup_.nodes);
  endpoints_.resize(setup_.nodes);
  for (std::size_t number = 0; number < setup_.nodes; ++number) start_node(number);
}

support::command_line fleet::on_host(std::size_t host, const std::string& program,
                                     std::vector<std::string> arguments) const {
  if (network_ == nullptr) return {program, std::move(arguments)};
  auto words = network_->prefix(host);
  const auto first = words.front();
  words.erase(words.begin());
  words.push_back(program);
  words.insert(words.end(), arguments.begin(), arguments.end());
  return {first, std::move(words)};
}

void fleet::start_node(std::size_t number) {
  // Where it was before, so that programs find it again.
  auto listen = endpoints_[number];
  if (listen.empty()) listen = (network_ ? network_->address(number) : "127.0.0.1") + ":0";
  std::vector<std::string> arguments{"--log",   "warn",       "node",
                                     "--store", setup_.store, "--listen",
                                     listen,    "--name",     "node." + std::to_string(number),
                                     "--lease", "2",          "--grace",
                                     "60"};
  arguments.insert(arguments.end(), setup_.security.begin(), setup_.security.end());
  auto made = std::make_unique<support::process>(
      on_host(number, support::program().string(), std::move(arguments)));
  const auto line = made->line(start_max);
  if (!line || line->rfind("listening on ", 0) != 0)
    throw std::runtime_error{"a node did not start: " + made->wait().errors};
  endpoints_[number] = line->substr(std::string{"listening on "}.size());
  nodes_[number] = std::move(made);
}

void fleet::kill_node(std::size_t number) {
  complaints_ += nodes_[number]->kill().errors;
  nodes_[number].reset();
}

void fleet::freeze_node(std::size_t number, bool frozen) {
  nodes_[number]->send_signal(frozen ? SIGSTOP : SIGCONT);
}

// ---- programs ---------------------------------------------------------------------------------

std::string fleet::prefix(std::size_t program) const { return "p" + std::to_string(program); }

void fleet::start_programs() {
  std::string nodes, prefixes;
  for (const auto& endpoint : endpoints_) nodes += (nodes.empty() ? "" : ",") + endpoint;
  for (std::size_t i = 0; i < setup_.programs; ++i)
    prefixes += (prefixes.empty() ? "" : ",") + prefix(i);
  for (std::size_t i = 0; i < setup_.programs; ++i) {
    std::vector<std::string> arguments{nodes,
                                       prefix(i),
                                       prefixes,
                                       std::to_string(setup_.runs),
                                       std::to_string(setup_.pace.count()),
                                       folder_.file(prefix(i))};
    arguments.insert(arguments.end(), setup_.client_security.begin(), setup_.client_security.end());
    programs_.push_back(std::make_unique<support::process>(
        on_host(i % setup_.nodes, AGENTPOOL_NODES_SWARM, std::move(arguments))));
  }
  for (auto& program : programs_) {
    const auto line = program->line(start_max);
    if (!line || *line != "ready")
      throw std::runtime_error{"a program did not start: " + program->wait().errors};
  }
  for (auto& program : programs_) program->write("go\n");
}

void fleet::pass(std::chrono::milliseconds time) {
  // Each program writes a line every fifth of a second.
  const auto lines = time / std::chrono::milliseconds{200};
  for (std::int64_t i = 0; i < lines; ++i)
    if (!programs_.front()->line()) throw std::runtime_error{"a program ended"};
}

std::vector<std::vector<std::string>> fleet::tell(const std::string& order,
                                                  const std::string& answer,
                                                  std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  for (auto& program : programs_) program->write(order + "\n");
  std::vector<std::vector<std::string>> answers;
  for (auto& program : programs_) {
    // Before the answer come the lines of all the time in which nobody read.
    auto line = program->line();
    while (line && line->rfind(answer, 0) != 0) {
      if (*line == "tick" && std::chrono::steady_clock::now() > until)
        throw std::runtime_error{"no answer to " + order + "\n" + explain()};
      line = program->line();
    }
    if (!line) throw std::runtime_error{"a program ended: " + program->wait().errors};
    answers.push_back(words_of(*line));
  }
  return answers;
}

std::string fleet::explain() {
  std::string all;
  for (auto& program : programs_) {
    program->write("explain\n");
    for (auto line = program->error_line(); line && *line != "end"; line = program->error_line())
      all += *line + "\n";
  }
  for (const auto& file : files()) {
    std::ifstream notes{file};
    for (std::string line; std::getline(notes, line);)
      if (line.rfind("wrong", 0) == 0) all += line + "\n";
  }
  for (const auto& endpoint : endpoints_)
    all += support::run_to_end({support::program().string(), {"inspect", "--connect", endpoint}})
               .output;
  return all;
}

std::vector<std::string> fleet::files() const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < setup_.programs; ++i) all.push_back(folder_.file(prefix(i)));
  return all;
}

}  // namespace agentpool::tests
