#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tools/survey_folder.hpp"
#include "tools/survey_plan.hpp"
#include "tools/survey_reader.hpp"

using namespace agentpool::tools;
using agentpool::support::temporary_directory;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

bool nothing(const fs::path&) { return false; }

std::string names_in(const survey_plan& plan) {
  std::string names;
  for (const auto& file : plan.files) names += shown(file.path) + " ";
  return names;
}

survey_plan of_sizes(std::uint64_t batch_files, const std::vector<std::uint64_t>& sizes) {
  survey_plan plan{"/top", batch_files, {}, {}};
  for (const auto bytes : sizes) plan.files.push_back({std::to_string(plan.files.size()), bytes});
  return plan;
}

}  // namespace

TEST_CASE("every regular file is listed in the order of its bytes, links and pipes are not") {
  const temporary_directory top;
  put(top.path() / "b/x", "");
  put(top.path() / "b.txt", "12345");
  put(top.path() / ".hidden/.file", "");
  put(top.path() / "line\nbreak", "");
  put(top.path() / "\xff", "");
  fs::create_directories(top.path() / "empty");
  fs::create_symlink("b.txt", top.path() / "link");
  fs::create_directory_symlink("b", top.path() / "linked_folder");
  REQUIRE(mkfifo(top.file("pipe").c_str(), 0600) == 0);
  const auto plan = list_files(top.path(), nothing, 1);
  REQUIRE(plan.ok());
  CHECK(names_in(*plan) == ".hidden/.file b.txt b/x line\\x0abreak \\xff ");
  CHECK(plan->directory == fs::canonical(top.path()));
  CHECK(plan->files[1].bytes == 5);
}

TEST_CASE("what is left out is neither listed nor entered") {
  const temporary_directory top;
  put(top.path() / "kept", "");
  put(top.path() / "own/file", "");
  const auto own = fs::canonical(top.path()) / "own";
  const auto plan = list_files(
      top.path(), [&](const fs::path& path) { return path == own; }, 1);
  REQUIRE(plan.ok());
  CHECK(names_in(*plan) == "kept ");
}

TEST_CASE("a folder that is none is refused") {
  const temporary_directory top;
  put(top.path() / "file", "");
  CHECK(!list_files(top.path() / "missing", nothing, 1).ok());
  CHECK(!list_files(top.path() / "file", nothing, 1).ok());
}

TEST_CASE("batches end at their number of files and before they have too many bytes") {
  constexpr auto much = batch_limits::bytes;
  CHECK(batch_bounds(of_sizes(2, {})) == std::vector<std::size_t>{0});
  CHECK(batch_bounds(of_sizes(2, {1, 1, 1, 1, 1})) == std::vector<std::size_t>{0, 2, 4, 5});
  CHECK(batch_bounds(of_sizes(9, {much, 1, much + 1, 1, much - 1, 1})) ==
        std::vector<std::size_t>{0, 1, 2, 3, 5, 6});
  const auto plan = of_sizes(2, {1, 1, 1});
  CHECK(names_in(batch_of(plan, batch_bounds(plan), 1)) == "2 ");
}

TEST_CASE("a plan reads back equal, and a shortened one is refused") {
  auto plan = of_sizes(3, {5, 6});
  plan.files[0].path = "a\nb\xff";
  plan.folders.push_back({"closed", "Permission denied"});
  const auto text = to_text(plan);
  const auto again = plan_from_text(text);
  REQUIRE(again.ok());
  CHECK(*again == plan);
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes)
    CHECK(!plan_from_text(text.substr(0, bytes)).ok());
}

TEST_CASE("a batch counts what can be read and tells what cannot") {
  const temporary_directory top;
  put(top.path() / "a", "one two\n");
  put(top.path() / "b", std::string(1'000'000, 'b'));
  fs::create_symlink("a", top.path() / "link");
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  batch_reader reader{{top.path(), 9, {{"a", 8}, {"b", 0}, {"gone", 0}, {"link", 8}}, {}},
                      [&](std::uint64_t more_files, std::uint64_t more_bytes) {
                        files += more_files;
                        bytes += more_bytes;
                      }};
  int slices = 0;
  while (!reader.read_for(std::chrono::milliseconds{0})) ++slices;
  CHECK(slices > 4);
  CHECK(reader.counts().files == 2);
  CHECK(reader.counts().bytes == 1'000'008);
  CHECK(reader.counts().unreadable == 2);
  CHECK(reader.counts().unread_files.at(0).path == "gone");
  CHECK(files == 4);
  CHECK(bytes == 1'000'008);
}

TEST_CASE("the folder keeps whole files beside the store and knows what is its own") {
  const temporary_directory top;
  auto folder = survey_folder::beside(top.path() / "s.db");
  REQUIRE(folder.ok());
  REQUIRE(folder->write(work_name(17), "first").ok());
  REQUIRE(folder->write(work_name(17), "second").ok());
  CHECK(folder->read("work/000017").value() == "second");
  CHECK(!folder->read("work/000018").ok());
  CHECK(!fs::exists(top.path() / "s.db.survey/work/000017.new"));
  const auto real = fs::canonical(top.path());
  for (const auto* own : {"s.db", "s.db-wal", "s.db-shm", "s.db.survey"})
    CHECK(folder->owns(real / own));
  CHECK(!folder->owns(real / "s.db.txt"));
}

TEST_CASE("only one survey at a time is at work on a store") {
  const temporary_directory top;
  auto first = survey_folder::beside(top.path() / "s.db");
  fs::create_symlink("s.db", top.path() / "same.db");
  put(top.path() / "s.db", "");
  auto second = survey_folder::beside(top.path() / "same.db");
  REQUIRE(first->lock().ok());
  CHECK(!second->lock().ok());
  { const auto gone = std::move(first).value(); }
  CHECK(second->lock().ok());
}

TEST_CASE("content refs name their batch, and no other ref is taken for one") {
  CHECK(work_ref(17).text() == "survey:work/000017");
  CHECK(work_batch(work_ref(1'234'567)) == 1'234'567);
  CHECK(result_batch(result_ref(0)) == 0);
  CHECK(!work_batch(result_ref(0)));
  CHECK(!work_batch(agentpool::core::content_ref{"survey:work/1x"}));
  CHECK(plan_ref("a") != plan_ref("b"));
}
