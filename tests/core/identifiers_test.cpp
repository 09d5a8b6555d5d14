#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/utf8.hpp"
#include "catch.hpp"

namespace core = agentpool::core;
using namespace std::string_view_literals;

namespace {

/// Why a run id cannot be made of `text`; empty when it can.
std::string refusal(std::string_view text) {
  try {
    return core::run_id{text}.text() == text ? "" : "another text";
  } catch (const core::bad_identifier& fault) {
    return fault.what();
  }
}

}  // namespace

TEST_CASE("where printable ASCII ends is found wherever it is and whatever is before it") {
  for (std::size_t length = 0; length < 20; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(length, 'x');
        if (at > 0) text[at - 1] = '~';
        text[at] = static_cast<char>(byte);
        const bool plain = byte >= 0x20 && byte < 0x7F && byte != '"';
        for (std::size_t from = 0; from <= length; ++from)
          REQUIRE(core::end_of_plain<'"'>(text, from) == (plain || from > at ? length : at));
      }
    }
  }
}

TEST_CASE("an identifier may be any text without control characters") {
  for (const auto text : {"a"sv, " "sv, "run.1/x:y"sv, "\u00a0"sv, "\u00e9"sv, "\u4e2d"sv,
                          "\U0001F680"sv, "\U0010FFFF"sv, "\"\\"sv, "\ufeff"sv, "~"sv}) {
    INFO(text);
    CHECK(refusal(text).empty());
  }
}

TEST_CASE("an identifier is not empty") { CHECK(refusal("") == "RunId must not be empty"); }

TEST_CASE("an identifier has at most 512 bytes, whatever its characters") {
  CHECK(refusal(std::string(512, 'x')).empty());
  CHECK(refusal(std::string(513, 'x')) == "RunId must have at most 512 bytes, not 513");
  std::string wide;
  for (int i = 0; i < 256; ++i) wide += "\u00e9";
  CHECK(refusal(wide).empty());
  CHECK(refusal(wide + "\u00e9") == "RunId must have at most 512 bytes, not 514");
}

TEST_CASE("an identifier has no control characters") {
  std::vector<std::string> controls;
  for (int c = 0; c < 0x20; ++c) controls.emplace_back(1, static_cast<char>(c));
  controls.emplace_back("\x7f");
  for (int c = 0x80; c < 0xA0; ++c) controls.push_back({'\xC2', static_cast<char>(c)});
  CHECK(controls.size() == 32 + 1 + 32);
  for (const auto& control : controls) {
    CHECK(refusal("ab" + control) == "RunId must not contain control characters (byte 2)");
    CHECK(refusal(control) == "RunId must not contain control characters (byte 0)");
  }
  CHECK(refusal("next\u0085line") == "RunId must not contain control characters (byte 4)");
}

TEST_CASE("an identifier is valid UTF-8") {
  const std::vector<std::string_view> bad{"\x80"sv,          // a continuation without a beginning
                                          "\xC3"sv,          // cut short after 1 of 2
                                          "\xE4\xB8"sv,      // after 2 of 3
                                          "\xF0\x9F\x9A"sv,  // after 3 of 4
                                          "\xC3\x28"sv,  // an ASCII byte instead of a continuation
                                          "\xE4\x28\xAD"sv,
                                          "\xE4\xB8\x28"sv,
                                          "\xF0\x9F\x28\x80"sv,
                                          "\xF0\x9F\x9A\x28"sv,
                                          "\xC0\xAF"sv,  // overlong in 2 bytes
                                          "\xC1\xBF"sv,
                                          "\xE0\x80\xAF"sv,  // in 3
                                          "\xE0\x9F\xBF"sv,
                                          "\xF0\x80\x80\xAF"sv,  // in 4
                                          "\xF0\x8F\xBF\xBF"sv,
                                          "\xED\xA0\x80"sv,      // the first surrogate
                                          "\xED\xBF\xBF"sv,      // the last
                                          "\xF4\x90\x80\x80"sv,  // past U+10FFFF
                                          "\xF5\x80\x80\x80"sv,
                                          "\xF8\x88\x80\x80\x80"sv,
                                          "\xFE"sv,
                                          "\xFF"sv};
  for (const auto text : bad) {
    CHECK(refusal(text) == "RunId must be valid UTF-8 (byte 0)");
    CHECK(refusal("ok" + std::string{text}) == "RunId must be valid UTF-8 (byte 2)");
  }
}

TEST_CASE("every code point but controls and surrogates is allowed, in its shortest form") {
  const auto utf8 = [](unsigned point) {
    std::string text;
    if (point < 0x80) return std::string(1, static_cast<char>(point));
    if (point < 0x800) {
      text += static_cast<char>(0xC0 | (point >> 6));
    } else {
      if (point < 0x10000) {
        text += static_cast<char>(0xE0 | (point >> 12));
      } else {
        text += static_cast<char>(0xF0 | (point >> 18));
        text += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
      }
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    }
    text += static_cast<char>(0x80 | (point & 0x3F));
    return text;
  };
  unsigned wrong = 0;
  for (unsigned point = 0; point <= 0x10FFFF; ++point) {
    const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (core::identifier_fault(utf8(point)).empty() == (control || surrogate)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("printing an identifier shows its type and not its text") {
  std::ostringstream out;
  out << core::run_id{"secret"} << ' ' << core::pool_id{"secret"} << ' ' << core::content_ref{"s"};
  CHECK(out.str() == "RunId(redacted) AgentPoolId(redacted) ContentRef(redacted)");
}

TEST_CASE("a refused identifier's text is not in the error") {
  CHECK(refusal("secret\n").find("secret") == std::string::npos);
}

TEST_CASE("identifiers order by their bytes") {
  CHECK(core::run_id{"Z"} < core::run_id{"a"});
  CHECK(core::run_id{"z"} < core::run_id{"\u00e9"});
  CHECK(core::run_id{"a"} < core::run_id{"aa"});
  CHECK(core::run_id{"a"} == core::run_id{"a"});
}

TEST_CASE("identifiers of two kinds do not mix") {
  CHECK_FALSE(std::is_constructible_v<core::run_id, core::agent_id>);
  CHECK_FALSE(std::is_assignable_v<core::run_id&, core::agent_id>);
  CHECK_FALSE(std::is_convertible_v<std::string, core::run_id>);
}
