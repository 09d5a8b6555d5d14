#include "agentpool/core/json_tree.hpp"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/error.hpp"
#include "catch.hpp"
#include "support/generators.hpp"

namespace core = agentpool::core;
using namespace std::string_view_literals;

namespace {

/// The text in compact form, or why it is not JSON.
std::string parsed(std::string_view text) {
  const auto tree = core::parse_json(text);
  return tree ? tree->root().compact() : tree.error().message;
}

/// What the JSON string `text` means, or why it is not JSON.
std::string unescaped(std::string_view text) {
  const auto tree = core::parse_json(text);
  return tree ? std::string{tree->root().text()} : tree.error().message;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

/// A small text that is JSON or nearly: pieces of JSON put together at random.
std::string any_pieces() {
  static const std::vector<std::string> pieces{
      "{",       "}",  "[",       "]",       ",",       ":",        "\"",   "\"a\"", "\"a\":1",
      "{\"a\":", "\\", "\\u00e9", "\\ud83d", "\\ude80", "\xc3\xa9", "\xc3", "1",     "0",
      "-",       ".",  "e",       "+",       "true",    "fals",     "null", " ",     "\n"};
  std::string text;
  for (const auto& piece :
       *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
    text += piece;
  return text;
}

bool same(core::json_value ours, const nlohmann::ordered_json& theirs) {
  if (theirs.is_string()) return ours.text() == theirs.get_ref<const std::string&>();
  if (!theirs.is_structured()) return nlohmann::ordered_json::parse(ours.compact()) == theirs;
  if (ours.size() != theirs.size()) return false;
  auto next = theirs.begin();
  for (const auto value : ours) {
    if (theirs.is_object() && value.key() != next.key()) return false;
    if (!same(value, *next)) return false;
    ++next;
  }
  return true;
}

}  // namespace

TEST_CASE("values keep their order, their digits and their escapes in compact form") {
  CHECK(
      parsed(" { \"b\" : [ 1.10 , -0 , 1e400 , 18446744073709551616 ] ,\n\t\"a\" : \"\\/ x\" } ") ==
      R"({"b":[1.10,-0,1e400,18446744073709551616],"a":"\/ x"})");
  CHECK(parsed("[{},[],\"\",true,false,null]") == "[{},[],\"\",true,false,null]");
  CHECK(parsed(R"({"a\"] ":" \\ \" "})") == R"({"a\"] ":" \\ \" "})");
}

TEST_CASE("escapes mean what RFC 8259 says") {
  CHECK(unescaped(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(unescaped(R"("\u0041\u00e9\u4E2D\ud83d\uDE80")") == "A\u00e9\u4e2d\U0001F680");
  CHECK(unescaped(R"("a\u0000b")") == std::string{"a\0b"sv});
}

TEST_CASE("several strings with escapes in one text do not disturb each other") {
  const auto tree = core::parse_json(R"({"\u0061":"\n1","b":"plain","\u0063":"\n2"})");
  REQUIRE(tree);
  CHECK(tree->root().find("a")->text() == "\n1");
  CHECK(tree->root().find("b")->text() == "plain");
  CHECK(tree->root().find("c")->text() == "\n2");
  CHECK_FALSE(tree->root().find("d"));
}

TEST_CASE("a text that is not JSON is refused and the place is named") {
  const std::vector<std::pair<std::string_view, std::string>> cases{
      {"", "no value (byte 0)"},
      {"{", "a key is missing (byte 1)"},
      {"{\"a\"", "a colon is missing (byte 4)"},
      {"{\"a\":", "no value (byte 5)"},
      {"{\"a\":1", "a comma or } is missing (byte 6)"},
      {"{\"a\":1,}", "a key is missing (byte 7)"},
      {"[1,]", "no value (byte 3)"},
      {"[1 2]", "a comma or ] is missing (byte 3)"},
      {"1 2", "something follows the value (byte 2)"},
      {"{}\0{}"sv, "something follows the value (byte 2)"},
      {"{\"a\":1\0}"sv, "a comma or } is missing (byte 6)"},
      {"01", "something follows the value (byte 1)"},
      {"-", "no value (byte 1)"},
      {"1.", "no value (byte 2)"},
      {".5", "no value (byte 0)"},
      {"1e", "no value (byte 2)"},
      {"+1", "no value (byte 0)"},
      {"NaN", "no value (byte 0)"},
      {"nul", "no value (byte 0)"},
      {"'a'", "no value (byte 0)"},
      {"[]//", "something follows the value (byte 2)"},
      {"\xEF\xBB\xBF[]", "no value (byte 0)"},
      {"\"a", "a string does not end (byte 2)"},
      {"\"a\\", "an unknown escape (byte 2)"},
      {"\"\\x\"", "an unknown escape (byte 1)"},
      {"\"\\u12\"", "an escape without four hexadecimal digits (byte 5)"},
      {"\"\\ud800\"", "half a surrogate pair (byte 1)"},
      {"\"\\ud800\\u0041\"", "half a surrogate pair (byte 1)"},
      {"\"\\udc00\"", "half a surrogate pair (byte 1)"},
      {"\"\n\"", "a control character in a string (byte 1)"},
      {"\"\0\""sv, "a control character in a string (byte 1)"},
      {"\"\xff\"", "not valid UTF-8 (byte 1)"},
      {"\"a\xc3\"", "not valid UTF-8 (byte 2)"},
      {"\"\xed\xa0\x80\"", "not valid UTF-8 (byte 1)"},
      {"{\"\xff\":1}", "not valid UTF-8 (byte 2)"},
  };
  for (const auto& [text, fault] : cases) {
    INFO(text);
    CHECK(parsed(text) == "not JSON: " + fault);
  }
}

TEST_CASE("a key that stands twice in one object is refused, however it is written") {
  CHECK(parsed(R"({"a":1,"\u0061":2})") ==
        "not JSON: a key stands twice in the object that ends here (byte 17)");
  CHECK(parsed(R"({"a":{"a":1},"b":{"a":1}})") == R"({"a":{"a":1},"b":{"a":1}})");
  std::string many = "{\"last\":0";
  for (int i = 0; i < 100; ++i) many += ",\"k" + std::to_string(i) + "\":0";
  CHECK(core::parse_json(many + "}"));
  CHECK_FALSE(core::parse_json(many + ",\"last\":0}"));
}

TEST_CASE("nesting is bounded") {
  CHECK(core::parse_json(nested(core::json_depth_max)));
  CHECK(parsed(nested(core::json_depth_max + 1)) == "not JSON: nests too deep (byte 64)");
  CHECK(parsed(std::string(5'000'000, '[')) == "not JSON: nests too deep (byte 64)");
  std::string objects;
  for (int i = 0; i <= core::json_depth_max; ++i) objects += "{\"a\":";
  CHECK(parsed(objects) == "not JSON: nests too deep (byte 320)");
  CHECK(core::parse_json("[" + nested(1) + "," + nested(63) + "]"));
}

TEST_CASE("an object of very many keys costs hardly more than its length") {
  std::string wide = "{\"first\":0";
  for (int i = 0; i < 300'000; ++i) wide += ",\"key" + std::to_string(i) + "\":0";
  const auto tree = core::parse_json(wide + "}");  // Quadratic, this would take minutes.
  REQUIRE(tree);
  CHECK(tree->root().size() == 300'001);
}

TEST_CASE("a tree that was moved keeps its values") {
  auto first = core::parse_json(R"(["\n","b"])");
  REQUIRE(first);
  const core::json_tree moved = std::move(*first);
  CHECK((*moved.root().begin()).text() == "\n");
}

TEST_CASE("what is JSON and what it means agree with another parser") {
  CHECK(rc::check("as nlohmann::json", [] {
    const auto text = any_pieces();
    const auto ours = core::parse_json(text);
    const auto theirs = nlohmann::ordered_json::parse(text, nullptr, false);
    if (theirs.is_discarded()) {
      RC_ASSERT_FALSE(ours.ok());
    } else if (ours) {
      RC_ASSERT(same(ours->root(), theirs));
    } else {
      RC_ASSERT(ours.error().message.find("twice") != std::string::npos);
    }
  }));
}

TEST_CASE("every valid text written as a JSON string means itself") {
  CHECK(rc::check("free text", [] {
    const auto text = generators::free_text();
    std::string json;
    core::write_json_string(json, text);
    RC_ASSERT(unescaped(json) == text);
  }));
}
