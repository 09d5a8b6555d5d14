#include "survey_stage.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <utility>

#include "survey_count.hpp"
#include "survey_lead.hpp"
#include "survey_names.hpp"

namespace agentpool::tools {

namespace {

namespace fs = std::filesystem;

/// In memory where the system has that: a survey synchronizes every file that it writes.
std::string place_for_scratch() {
  std::error_code fault;
  const fs::path memory{"/dev/shm"};
  return (fs::is_directory(memory, fault) ? memory : fs::temp_directory_path()).string();
}

/// The value, or an exception that says why there is none.
template <class T>
T required(core::outcome<T> what) {
  if (!what) throw std::runtime_error{"cannot stage a survey: " + what.error().message};
  return std::move(*what);
}

/// Some lines of words, and now and then bytes that are no text.
std::string drawn_text(sim::chance& from) {
  std::string text;
  const auto lines = from.below(6);
  for (std::uint64_t line = 0; line < lines; ++line) {
    const auto words = from.below(5);
    for (std::uint64_t i = 0; i < words; ++i)
      text.append("word").append(std::to_string(from.below(30))).push_back(' ');
    text.append(from.below(40), '-').push_back('\n');
  }
  if (from.happens(10)) text.push_back('\0');
  return text;
}

/// Writes the tree; gives what stands in each file, by its path.
std::map<std::string, std::string> write_tree(const fs::path& tree, std::uint64_t files,
                                              sim::chance& from) {
  std::map<std::string, std::string> texts;
  for (std::uint64_t i = 0; i < files; ++i) {
    auto path = "f" + std::to_string(i);
    if (i % 4 == 3) path.insert(0, "d" + std::to_string(i % 3) + "/");
    fs::create_directories((tree / path).parent_path());
    auto text = drawn_text(from);
    std::ofstream file{tree / path, std::ios::binary};
    if (!(file << text << std::flush)) throw std::runtime_error{"cannot stage a survey: no room"};
    texts.emplace(std::move(path), std::move(text));
  }
  return texts;
}

tally count_of(const survey_plan& batch, const std::map<std::string, std::string>& texts) {
  tally counts;
  for (const auto& file : batch.files) {
    file_counter counter{shown(file.path)};
    counter.take(texts.at(file.path));
    counts.add(counter.finish());
  }
  return counts;
}

}  // namespace

survey_stage::survey_stage(sim::world& at, std::uint64_t files, std::uint64_t workers)
    : world_{at},
      workers_{workers},
      scratch_{place_for_scratch()},
      folder_{required(survey_folder::beside(fs::path{scratch_.path()} / "store"))} {
  const auto tree = fs::path{scratch_.path()} / "tree";
  fs::create_directories(tree);
  const auto texts = write_tree(tree, files, at.draws());
  const auto none = [](const fs::path&) { return false; };
  const auto plan = required(list_files(tree, none, workers));
  const auto text = to_text(plan);
  if (auto written = folder_.write(plan_name, text); !written)
    throw std::runtime_error{"cannot stage a survey: " + written.error().message};
  plan_ref_ = plan_ref(text);
  const auto bounds = batch_bounds(plan);
  for (std::uint64_t batch = 0; batch + 1 < bounds.size(); ++batch)
    counted_.push_back(count_of(batch_of(plan, bounds, batch), texts));
  start_again();
}

tally survey_stage::counted() const {
  tally all;
  for (const auto& each : counted_) all.add(each);
  return for_report(std::move(all));
}

survey_log survey_stage::log_now() const {
  survey_log read;
  const auto& ledgers = world_.view().ledgers();
  if (const auto found = ledgers.find(survey_pool()); found != ledgers.end())
    for (const auto& entry : found->second.entries()) read.take(*entry);
  return read;
}

void survey_stage::start_again() {
  lives_.push_back(std::make_unique<life>(folder_));
  auto& site = lives_.back()->site;
  site.runs = workers_;
  site.slice = {};  // One piece a turn: nothing may depend on how fast this machine reads.
}

}  // namespace agentpool::tools
