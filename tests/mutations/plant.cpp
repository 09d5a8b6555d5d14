// Makes copies of sources with planted bugs, each behind a switch: plant TABLE SOURCES OUT FILE…
// writes OUT/FILE for each of these files. What the table looks for must be there exactly once.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

struct mutation {
  std::string name;
  std::string file;
  std::string find;
  std::string put;
};

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "plant: " << why << '\n';
  std::exit(1);
}

/// The table's entries: "mutation NAME FILE", "- line to find", "+ line to put".
std::vector<mutation> read_table(const std::string& path) {
  std::ifstream table{path};
  if (!table) give_up("cannot read " + path);
  std::vector<mutation> all;
  for (std::string line; std::getline(table, line);) {
    if (line.rfind("mutation ", 0) == 0) {
      const auto space = line.find(' ', 9);
      if (space == std::string::npos) give_up("no file in: " + line);
      all.push_back({line.substr(9, space - 9), line.substr(space + 1), {}, {}});
    } else if (line.rfind("- ", 0) == 0 && !all.empty()) {
      all.back().find += line.substr(2) + "\n";
    } else if (line.rfind("+ ", 0) == 0 && !all.empty()) {
      all.back().put += line.substr(2) + "\n";
    } else if (!line.empty() && line[0] != '#') {
      give_up("not understood: " + line);
    }
  }
  return all;
}

void plant(std::string& text, const mutation& what) {
  const auto found = text.find(what.find);
  if (what.find.empty() || found == std::string::npos)
    give_up(what.name + ": " + what.file + " does not have\n" + what.find);
  if (text.find(what.find, found + 1) != std::string::npos)
    give_up(what.name + ": " + what.file + " has more than once\n" + what.find);
  text.replace(found, what.find.size(), what.put);
}

}  // namespace

int main(int count, char** words) {
  if (count < 5) give_up("TABLE SOURCES OUT FILE…");
  const auto all = read_table(words[1]);
  for (int i = 4; i < count; ++i) {
    const std::string file = words[i];
    std::ifstream source{std::string{words[2]} + "/" + file};
    if (!source) give_up("cannot read " + file);
    std::string text{std::istreambuf_iterator<char>{source}, {}};
    for (const auto& each : all)
      if (each.file == file) plant(text, each);
    const std::filesystem::path out = std::filesystem::path{words[3]} / file;
    std::filesystem::create_directories(out.parent_path());
    std::ofstream{out} << "#include \"mutations/planted.hpp\"\n#line 1 \"" << words[2] << "/"
                       << file << "\"\n"
                       << text;
  }
}
