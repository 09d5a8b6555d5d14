#include "lengths.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"

using namespace agentpool::laws;

namespace {

std::string lines(std::size_t count, const std::string& line = "  work();\n") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += line;
  return text;
}

std::string heads_and_lengths(const std::string& text) {
  std::string result;
  for (const auto& each : functions_in(text)) {
    result +=
        std::to_string(each.first_line) + "+" + std::to_string(each.lines) + " " + each.head + "\n";
  }
  return result;
}

}  // namespace

TEST_CASE("functions, files and lines are no longer than allowed or listed") {
  const auto top = agentpool::support::source_directory();
  std::map<std::string, std::size_t> found;
  for (const auto& file : our_sources(top)) found.merge(excesses(file));
  CHECK(compare(found, read_text(top / "tests/laws/lengths_ratchet.txt")) == "");
}

TEST_CASE("a function, a file and a line that are too long are caught") {
  const auto text =
      "void much() {\n" + lines(69) + "}\n" + lines(330, "\n") + std::string(101, '/') + "\n";
  CHECK(excesses({"core/a.cpp", text}) ==
        std::map<std::string, std::size_t>{{"function core/a.cpp: void much()", 71},
                                           {"file core/a.cpp", 402},
                                           {"long_lines core/a.cpp", 1}});
}

TEST_CASE("what is just as long as allowed passes") {
  const auto text =
      "void enough() {\n" + lines(68) + "}\n" + lines(329, "\n") + std::string(100, '/') + "\n";
  CHECK(excesses({"core/a.cpp", text}).empty());
  std::string umlauts = "// ";
  for (int i = 0; i < 97; ++i) umlauts += "\xc3\xa4";
  CHECK(excesses({"core/a.cpp", umlauts}).empty());
}

TEST_CASE("functions are found in namespaces, classes and behind initializer lists") {
  CHECK(heads_and_lengths(
            "namespace a {\n"
            "struct b {\n"
            "  int x{3};\n"
            "  b() : x{1}, y(2) {\n    go();\n  }\n"
            "  bool operator==(const b&) const { return true; }\n"
            "};\n"
            "enum class c { d, e };\n"
            "template <class T = int> T f(int g = 1) noexcept {\n  return [] { go(); }();\n}\n"
            "}\n") ==
        "4+3 b() : x{1}, y(2)\n"
        "7+1 bool operator==(const b&) const\n"
        "10+3 template <class T = int> T f(int g = 1) noexcept\n");
}

TEST_CASE("functions are found behind access specifiers, comments and in linkage blocks") {
  CHECK(
      heads_and_lengths("class a {\n public:\n  struct b {\n    // why\n    void f() {}\n  };\n};\n"
                        "extern \"C\" {\nvoid g() {\n}\n}\n"
                        "extern \"C\" int h() {\n  if (x()) {\n  }\n}\n") ==
      "5+1 void f()\n"
      "9+2 void g()\n"
      "12+4 extern \"C\" int h()\n");
}

TEST_CASE("tables, braces in literals and macros are no functions") {
  CHECK(heads_and_lengths("const std::map<int, int> table = {\n{f(1), 2},\n};\n"
                          "#define OPEN() {\n"
                          "const char* text = \"(){\";\n"
                          "std::vector<int> list{make(1)};\n"
                          "TEST_CASE(\"a { in a name\") {\n}\n") ==
        "7+2 TEST_CASE(\"a { in a name\")\n");
}

TEST_CASE("the ratchet lets what it lists pass, and only shrinks") {
  const std::map<std::string, std::size_t> found{{"file core/a.cpp", 450}};
  CHECK(compare(found, "# why\n450 file core/a.cpp\n") == "");
  CHECK(compare(found, "") == "too long: 450 file core/a.cpp\n");
  CHECK(compare(found, "449 file core/a.cpp\n") == "grown from 449: 450 file core/a.cpp\n");
  CHECK(compare(found, "460 file core/a.cpp\n") == "shrunk from 460, write: 450 file core/a.cpp\n");
  CHECK(compare({}, "450 file core/a.cpp\n") ==
        "no longer too long, remove: 450 file core/a.cpp\n");
  CHECK_THROWS(compare({}, "file core/a.cpp\n"));
}
