#include "tools/survey_count.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using namespace agentpool::tools;

namespace {

tally count(const std::string& text, std::size_t piece_bytes = std::string::npos) {
  file_counter counter{"a.txt"};
  for (std::size_t at = 0; at < text.size(); at += std::min(piece_bytes, text.size() - at))
    counter.take(std::string_view{text}.substr(at, piece_bytes));
  return counter.finish();
}

/// "files lines words bytes".
std::string in_words(const tally& counts) {
  return std::to_string(counts.files) + " " + std::to_string(counts.lines) + " " +
         std::to_string(counts.words) + " " + std::to_string(counts.bytes);
}

std::string longest_of(const tally& counts) {
  std::string text;
  for (const auto& line : counts.longest)
    text += line.path + ":" + std::to_string(line.number) + "=" + std::to_string(line.bytes) + " ";
  return text;
}

std::string frequent_in(const tally& counts) {
  std::string text;
  for (const auto& [name, times] : most_frequent(counts.identifiers, 5))
    text += name + "=" + std::to_string(times) + " ";
  return text;
}

}  // namespace

TEST_CASE("lines are newline bytes and words runs of bytes other than ASCII white space") {
  CHECK(in_words(count("")) == "1 0 0 0");
  CHECK(in_words(count("one two\n\tthree")) == "1 1 3 14");
  CHECK(in_words(count(" \t\n\v\f\r ")) == "1 1 0 7");
  CHECK(in_words(count("\xc3\xa4\xc2\xa0z\n\n")) == "1 2 1 7");
  CHECK(in_words(count(std::string("a\0b \n", 5))) == "1 1 1 5");
}

TEST_CASE("the longest lines come longest first, without their newlines, the last one included") {
  CHECK(longest_of(count("ab\nabcd\n\nabc")) == "a.txt:2=4 a.txt:4=3 a.txt:1=2 ");
  std::string many;
  for (int i = 0; i < 30; ++i) many += "same\n";
  const auto kept = count(many + "longer\n").longest;
  REQUIRE(kept.size() == tally_limits::longest_lines);
  CHECK(kept.front() == long_line{6, "a.txt", 31});
  CHECK(kept.back() == long_line{4, "a.txt", 9});
}

TEST_CASE("identifiers are runs of letters, digits and underscores that no digit begins") {
  CHECK(frequent_in(count("int x1 = x1 + 1x2; int _y(x1)")) == "x1=3 int=2 _y=1 ");
  const std::string just(tally_limits::identifier_bytes, 'a');
  CHECK(frequent_in(count(just + " " + just + "a")) == just + "=1 ");
}

TEST_CASE("pieces of any size give the same counts") {
  std::string text = "void  f(int a) {\n  return a_long_name + 17;\n}\n\n\n tail without newline";
  text += std::string(70, 'b') + " x\n" + std::string(300, 'c');
  const auto whole = count(text);
  for (std::size_t bytes = 1; bytes < 80; ++bytes) CHECK(count(text, bytes) == whole);
}

TEST_CASE("a binary file gives no longest lines and no identifiers") {
  const auto counts = count(std::string("name name\nx\0y z\n", 16));
  CHECK(in_words(counts) == "1 2 4 16");
  CHECK(counts.binary_files == 1);
  CHECK(counts.longest.empty());
  CHECK(counts.identifiers.empty());
  const std::string late(file_counter::text_probe_bytes, 'x');
  CHECK(count(late + std::string(1, '\0')).binary_files == 0);
  CHECK(count(late.substr(1) + std::string(1, '\0'), 7).binary_files == 1);
}

TEST_CASE("counts of parts add up, whatever they were read from") {
  tally sum;
  sum.add(count("a b\n"));
  sum.add(count("b c c c\nd"));
  tally gone;
  gone.add_unread({"gone", "No such file or directory"});
  sum.add(gone);
  CHECK(in_words(sum) == "2 2 7 13");
  CHECK(longest_of(sum) == "a.txt:1=7 a.txt:1=3 a.txt:2=1 ");
  CHECK(frequent_in(sum) == "c=3 b=2 a=1 d=1 ");
  CHECK(sum.unreadable == 1);
}

TEST_CASE("a tally reads back equal from its text, and nothing else is taken for one") {
  auto counts = count("some words\nand some more words");
  counts.add_unread({"a b\\x0a", "Permission denied"});
  const auto text = to_text(counts);
  const auto again = tally_from_text(text);
  REQUIRE(again.ok());
  CHECK(*again == counts);
  CHECK(!tally_from_text("").ok());
  CHECK(!tally_from_text(text.substr(0, text.size() - 5)).ok());
  CHECK(!tally_from_text("agentpool survey result 1\nfiles many\nend\n").ok());
  CHECK(!tally_from_text("agentpool survey result 1\nfolders 1\nend\n").ok());
}

TEST_CASE("beyond the bound the rarest identifiers are forgotten, the frequent ones stay") {
  std::string text;
  for (std::size_t i = 0; i <= tally_limits::identifiers; ++i) {
    text += "x" + std::to_string(i) + " ";
    if (i % 1000 == 0) text += "often often ";
  }
  const auto counts = count(text);
  CHECK(counts.identifiers.size() <= tally_limits::identifiers / 2 + 1);
  CHECK(counts.identifiers.at("often") == 402);
}

TEST_CASE("file names are shown as valid text of one line, and no two look the same") {
  CHECK(shown("plain \xc3\xa4 name.txt") == "plain \xc3\xa4 name.txt");
  CHECK(shown("a\nb\x7f") == "a\\x0ab\\x7f");
  CHECK(shown("\xff\xc3(\xe2\x82") == "\\xff\\xc3(\\xe2\\x82");
  CHECK(shown("\xc2\x85\xc0\xaf\xed\xa0\x80") == "\\xc2\\x85\\xc0\\xaf\\xed\\xa0\\x80");
  CHECK(shown("a\\x0ab") == "a\\\\x0ab");
}
