// Who may do what, and the file that says so.
#include <fstream>

#include "agentpool/core/digest.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "tools/serve/caller.hpp"
#include "tools/serve/token_book.hpp"

namespace {

using namespace agentpool;
using tools::caller;
using tools::caller_role;
using tools::matches_pattern;

const std::string hash_of_x = core::sha256_hex("x");

std::string line(const std::string& name, const std::string& more) {
  return R"({"name":")" + name + R"(","sha256":")" + hash_of_x + "\"" + more + "}\n";
}

/// Why the file is not read; "" when it is.
std::string fault_of(const std::string& text) {
  const support::temporary_directory folder;
  std::ofstream{folder.file("tokens")} << text;
  const auto read = tools::read_tokens(folder.file("tokens"));
  if (read) return {};
  const auto& why = read.error().message;
  const auto begin = folder.file("tokens") + ":";
  if (why.rfind(begin, 0) != 0) return "no file in: " + why;
  return why.substr(begin.size());
}

}  // namespace

TEST_CASE("a star in a pattern stands for any text, and everything else for itself") {
  CHECK(matches_pattern("run.a", "run.a"));
  CHECK_FALSE(matches_pattern("run.a", "run.ab"));
  CHECK_FALSE(matches_pattern("run.a", "run"));
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("run.ci.*", "run.ci."));
  CHECK(matches_pattern("run.ci.*", "run.ci.7"));
  CHECK_FALSE(matches_pattern("run.ci.*", "run.ci"));
  CHECK(matches_pattern("*.a*b", "x.a.a.bb"));
  CHECK_FALSE(matches_pattern("*.a*b", "x.a.a.bc"));
  CHECK(matches_pattern("a**b", "ab"));
  CHECK_FALSE(matches_pattern("", "a"));
  CHECK(matches_pattern("", ""));
  CHECK_FALSE(matches_pattern("run.?", "run.a"));
}

TEST_CASE("a pattern of many stars is matched in no time") {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  CHECK_FALSE(matches_pattern(pattern + "b", std::string(512, 'a')));
}

TEST_CASE("whoever may do more observes, too, and joins what its patterns say") {
  CHECK_FALSE(caller{"x"}.may(caller_role::observe));
  const caller actor{"x", true, {caller_role::act}, {"run.a", "run.b.*"}};
  CHECK(actor.may(caller_role::observe));
  CHECK(actor.may(caller_role::act));
  CHECK_FALSE(actor.may(caller_role::administer));
  CHECK(actor.may_join(core::run_id{"run.a"}));
  CHECK(actor.may_join(core::run_id{"run.b.1"}));
  CHECK_FALSE(actor.may_join(core::run_id{"run.b"}));
  const caller observer{"x", true, {caller_role::observe}, {"*"}};
  CHECK_FALSE(observer.may_join(core::run_id{"run.a"}));
  const auto anyone = tools::unrestricted_caller("x", false);
  CHECK(anyone.may(caller_role::administer));
  CHECK(anyone.may_join(core::run_id{"run.a"}));
  CHECK_FALSE(anyone.proven);
}

TEST_CASE("a fault in a file of tokens is told with its file and its line") {
  const auto good = line("ada", R"(,"roles":["observe"])");
  CHECK(fault_of("").empty());
  CHECK(fault_of(good + "\n  \r\n" + line("eve", R"(,"roles":["act"],"runs":["run.*"])")).empty());
  CHECK(fault_of(good + "{").rfind("2: ", 0) == 0);
  CHECK(fault_of(good + "\n[]\n").rfind("3: ", 0) == 0);
  CHECK(fault_of(good + good).find("2: name: another line has it") == 0);
  CHECK(fault_of(line("", R"(,"roles":["observe"])")).find("1: name") == 0);
  CHECK(fault_of(line("ada", R"(,"roles":[])")).find("1: roles") == 0);
  CHECK(fault_of(line("ada", "")).find("1: roles") == 0);
  CHECK(fault_of(line("ada", R"(,"roles":["rule"])")).find("1: roles") == 0);
  CHECK(fault_of(line("ada", R"(,"roles":["act"])")).find("1: runs") == 0);
  CHECK(fault_of(R"({"name":"ada","sha256":"AB","roles":["observe"]})").find("1: sha256") == 0);
  const auto none = tools::read_tokens("/no/such/file");
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().message.find("/no/such/file") != std::string::npos);
}

TEST_CASE("a book knows who has a token, and one with faults leaves what was read before") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens");
  tools::token_book book{file};
  CHECK_FALSE(book.load().ok());
  CHECK_FALSE(book.find("x").has_value());
  REQUIRE(tools::write_tokens(file, {{"ada", hash_of_x, {caller_role::act}, {"run.*"}}}).ok());
  REQUIRE(book.load().ok());
  const auto found = book.find("x");
  REQUIRE(found);
  CHECK(found->name == "ada");
  CHECK(found->proven);
  CHECK(found->may_join(core::run_id{"run.1"}));
  CHECK_FALSE(book.find("y").has_value());
  CHECK_FALSE(book.find("").has_value());
  CHECK_FALSE(book.find(hash_of_x).has_value());
  std::ofstream{file} << "broken";
  CHECK_FALSE(book.load().ok());
  CHECK(book.find("x").has_value());
  REQUIRE(tools::write_tokens(file, {}).ok());
  REQUIRE(book.load().ok());
  CHECK_FALSE(book.find("x").has_value());
}

TEST_CASE("a file of tokens is its owner's alone to read, and what is written is read back") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens");
  const std::vector<tools::token_line> lines{
      {"ada", hash_of_x, {caller_role::administer}, {}},
      {"ci \"quoted\"", core::sha256_hex("y"), {caller_role::act}, {"run.ci.*", "run.x"}}};
  REQUIRE(tools::write_tokens(file, lines).ok());
  const auto rights = std::filesystem::status(file).permissions();
  CHECK((rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
  const auto read = tools::read_tokens(file);
  REQUIRE(read.ok());
  REQUIRE(read->size() == 2);
  CHECK((*read)[1].name == "ci \"quoted\"");
  CHECK((*read)[1].runs == lines[1].runs);
  CHECK_FALSE(tools::write_tokens("/no/such/folder/tokens", lines).ok());
}

TEST_CASE("tokens are long, and no two are the same") {
  const auto one = tools::make_token();
  const auto other = tools::make_token();
  REQUIRE(one.ok());
  REQUIRE(other.ok());
  CHECK(one->size() == 64);
  CHECK(one->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(*one != *other);
}
