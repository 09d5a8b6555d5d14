#include "survey_plan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace agentpool::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_field = "agentpool survey plan 1";

struct close_folder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using open_folder = std::unique_ptr<DIR, close_folder>;

/// Walks a tree with a list of folders still to do, so that depth costs no stack.
class lister {
 public:
  lister(survey_plan& plan, const std::function<bool(const fs::path&)>& left_out)
      : plan_{plan}, left_out_{left_out} {}

  void walk() {
    while (!to_do_.empty()) {
      const auto folder = std::move(to_do_.back());
      to_do_.pop_back();
      list(folder);
    }
    std::sort(plan_.files.begin(), plan_.files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    std::sort(plan_.folders.begin(), plan_.folders.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
  }

 private:
  /// `folder` is relative to the plan's directory; empty for the directory itself.
  void list(const std::string& folder) {
    const auto path = folder.empty() ? plan_.directory : plan_.directory + "/" + folder;
    // Not followed: a folder that has become a link since it was seen is left alone.
    const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const open_folder opened{file < 0 ? nullptr : fdopendir(file)};
    if (!opened) return unlisted(folder, errno);
    errno = 0;
    while (const auto* entry = readdir(opened.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") take(file, name, folder);
      errno = 0;
    }
    if (errno != 0) unlisted(folder, errno);
  }

  void take(int parent, const std::string& name, const std::string& folder) {
    auto path = folder.empty() ? name : folder + "/" + name;
    struct stat seen {};
    if (fstatat(parent, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) unlisted(path, errno);
      return;
    }
    if (!S_ISREG(seen.st_mode) && !S_ISDIR(seen.st_mode)) return;
    if (left_out_(fs::path{plan_.directory} / path)) return;
    if (S_ISDIR(seen.st_mode)) return to_do_.push_back(std::move(path));
    plan_.files.push_back({std::move(path), static_cast<std::uint64_t>(seen.st_size)});
  }

  void unlisted(const std::string& folder, int fault) {
    if (fault == ENOENT && !folder.empty()) return;  // It vanished meanwhile.
    plan_.folders.push_back(
        {shown(folder.empty() ? "." : folder), std::generic_category().message(fault)});
  }

  survey_plan& plan_;
  const std::function<bool(const fs::path&)>& left_out_;
  std::vector<std::string> to_do_{std::string{}};
};

/// Takes NUL-ended fields from a text one after the other.
struct field_reader {
  std::string_view text;

  std::optional<std::string_view> field() {
    const auto end = text.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const auto found = text.substr(0, end);
    text.remove_prefix(end + 1);
    return found;
  }
  std::optional<std::uint64_t> number() {
    const auto digits = field();
    if (!digits) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, fault] =
        std::from_chars(digits->data(), digits->data() + digits->size(), value);
    if (fault != std::errc{} || end != digits->data() + digits->size()) return std::nullopt;
    return value;
  }
};

bool read_plan(field_reader& from, survey_plan& into) {
  const auto directory = from.field();
  const auto batch_files = from.number();
  const auto folders = from.number();
  if (!directory || !batch_files || *batch_files == 0 || !folders) return false;
  into.directory = *directory;
  into.batch_files = *batch_files;
  for (std::uint64_t i = 0; i < *folders; ++i) {
    const auto path = from.field();
    const auto why = from.field();
    if (!path || !why) return false;
    into.folders.push_back({std::string{*path}, std::string{*why}});
  }
  const auto files = from.number();
  for (std::uint64_t i = 0; files && i < *files; ++i) {
    const auto bytes = from.number();
    const auto path = from.field();
    if (!bytes || !path) return false;
    into.files.push_back({std::string{*path}, *bytes});
  }
  return files && from.text.empty();
}

}  // namespace

core::outcome<survey_plan> list_files(const fs::path& directory,
                                      const std::function<bool(const fs::path&)>& left_out,
                                      std::uint64_t runs) {
  std::error_code fault;
  const auto real = fs::canonical(directory, fault);
  if (fault || !fs::is_directory(real, fault))
    return core::host_configuration_needed("no such folder: " + shown(directory.native()));
  survey_plan plan;
  plan.directory = real.native();
  lister{plan, left_out}.walk();
  const auto portions = std::max<std::uint64_t>(1, runs * batch_limits::for_each_run);
  plan.batch_files = std::clamp<std::uint64_t>((plan.files.size() + portions - 1) / portions, 1,
                                               batch_limits::files);
  return plan;
}

std::vector<std::size_t> batch_bounds(const survey_plan& plan) {
  std::vector<std::size_t> bounds;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < plan.files.size(); ++i) {
    const bool full =
        files == plan.batch_files || bytes + plan.files[i].bytes > batch_limits::bytes;
    if (files == 0 || full) {
      bounds.push_back(i);
      files = bytes = 0;
    }
    ++files;
    bytes += plan.files[i].bytes;
  }
  bounds.push_back(plan.files.size());
  return bounds;
}

survey_plan batch_of(const survey_plan& plan, const std::vector<std::size_t>& bounds,
                     std::uint64_t number) {
  const auto at = [&](std::size_t file) {
    return plan.files.begin() + static_cast<std::ptrdiff_t>(file);
  };
  return {plan.directory, plan.batch_files, {at(bounds.at(number)), at(bounds.at(number + 1))}, {}};
}

std::string to_text(const survey_plan& plan) {
  std::string text;
  const auto field = [&](std::string_view value) { text.append(value) += '\0'; };
  field(first_field);
  field(plan.directory);
  field(std::to_string(plan.batch_files));
  field(std::to_string(plan.folders.size()));
  for (const auto& folder : plan.folders) {
    field(folder.path);
    field(folder.why);
  }
  field(std::to_string(plan.files.size()));
  for (const auto& file : plan.files) {
    field(std::to_string(file.bytes));
    field(file.path);
  }
  return text;
}

core::outcome<survey_plan> plan_from_text(std::string_view text) {
  field_reader from{text};
  survey_plan plan;
  if (from.field() == first_field && read_plan(from, plan)) return plan;
  return core::contract_violation("not a survey plan of this version");
}

}  // namespace agentpool::tools
