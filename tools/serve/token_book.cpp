#include "token_book.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t token_bytes = 32;

core::agent_error bad_line(const std::string& path, std::size_t line, const std::string& why) {
  return core::host_configuration_needed(path + ":" + std::to_string(line) + ": " + why);
}

/// What is wrong with a line that is JSON; "" when nothing is.
std::string fault_of(const token_line& line) {
  if (const auto fault = core::identifier_fault(line.name); !fault.empty()) return "name " + fault;
  if (line.sha256.size() != 64 ||
      line.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
    return "sha256: must be 64 lower-case hex digits";
  if (line.roles.empty()) return "roles: must name at least one of observe, act, administer";
  const bool acts =
      std::find(line.roles.begin(), line.roles.end(), caller_role::act) != line.roles.end();
  if (acts && line.runs.empty()) return "runs: whoever acts needs patterns of runs, as run.ci.*";
  return {};
}

}  // namespace

core::outcome<std::vector<token_line>> read_tokens(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return core::host_configuration_needed("cannot read the tokens in " + path + ": " +
                                           std::strerror(errno));
  std::vector<token_line> lines;
  std::string text;
  for (std::size_t number = 1; std::getline(file, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto tree = core::parse_json(text);
    if (!tree) return bad_line(path, number, tree.error().message);
    auto line = core::read_json<token_line>(tree->root(), core::reading::request);
    if (!line) return bad_line(path, number, line.error().message);
    if (auto fault = fault_of(*line); !fault.empty()) return bad_line(path, number, fault);
    const bool again = std::any_of(lines.begin(), lines.end(), [&](const token_line& other) {
      return other.name == line->name;
    });
    if (again) return bad_line(path, number, "name: another line has it");
    lines.push_back(std::move(*line));
  }
  return lines;
}

core::outcome<tokens_lock> tokens_lock::take(const std::string& path) {
  const auto beside = path + ".lock";
  tokens_lock lock{open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  while (lock.file_ >= 0 && flock(lock.file_, LOCK_EX) != 0)
    if (errno != EINTR) close(std::exchange(lock.file_, -1));
  if (lock.file_ < 0)
    return core::host_configuration_needed("cannot lock " + beside + ": " + std::strerror(errno));
  return lock;
}

tokens_lock::~tokens_lock() {
  if (file_ >= 0) close(file_);
}

core::outcome<void> write_tokens(const std::string& path, const std::vector<token_line>& lines) {
  const auto failed = [&] {
    return core::host_configuration_needed("cannot write " + path + ": " + std::strerror(errno));
  };
  const std::string beside = path + ".new";
  std::string text;
  for (const auto& line : lines) text += core::written(line) + '\n';
  const int file =
      open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return failed();
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  if (close(file) != 0 || !written) return failed();
  if (std::rename(beside.c_str(), path.c_str()) != 0) return failed();
  // What the folder says has to last as well: a token that is gone must not come back.
  const auto folder = std::filesystem::absolute(path).parent_path();
  const int at = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool kept = at >= 0 && fsync(at) == 0;
  if (at >= 0) close(at);
  if (!kept) return failed();
  return {};
}

core::outcome<std::string> make_token() {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, token_bytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    return core::host_configuration_needed("the system has no random bytes");
  std::string token;
  for (const auto byte : bytes) {
    token += digits[byte >> 4U];
    token += digits[byte & 15U];
  }
  return token;
}

core::outcome<void> token_book::load() {
  const auto lines = read_tokens(path_);
  if (!lines) return lines.error();
  std::map<std::string, caller, std::less<>> read;
  for (const auto& line : *lines)
    read.emplace(line.sha256, caller{line.name, true, line.roles, line.runs, true, nullptr});
  {
    const std::unique_lock guard{mutex_};
    for (auto& [hash, now] : read) {
      const auto before = by_hash_.find(hash);
      const bool same = before != by_hash_.end() && before->second.name == now.name &&
                        before->second.roles == now.roles && before->second.runs == now.runs;
      now.revoked = same ? std::exchange(before->second.revoked, {}) : std::make_shared<ending>();
    }
    by_hash_.swap(read);
  }
  for (const auto& [hash, before] : read)
    if (before.revoked) before.revoked->begin();
  return {};
}

std::optional<caller> token_book::find(std::string_view token) const {
  const auto hash = core::sha256_hex(token);
  const std::shared_lock guard{mutex_};
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return std::nullopt;
  return found->second;
}

}  // namespace agentpool::tools
