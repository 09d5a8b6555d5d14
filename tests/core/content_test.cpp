// Names of contents, their bounds, and what is read back.
#include "agentpool/core/content.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"

namespace core = agentpool::core;

namespace {

/// Whether the refusal says all of that. Versions 2 and 3 of Catch call such a matcher otherwise.
bool says(const std::optional<core::agent_error>& fault, const std::vector<std::string>& parts) {
  REQUIRE(fault);
  return std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return fault->message.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a content is named after its bytes by SHA-256, also when it has none") {
  // The two of FIPS 180-2 and of RFC 6234.
  CHECK(core::content_name("").text() ==
        "content.sha256.e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(core::content_name("abc").text() ==
        "content.sha256.ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(core::content_name(std::string("a\0b", 3)) != core::content_name("a"));
  const core::content item{"abc"};
  CHECK(item.name() == core::content_name("abc"));
  CHECK(item.bytes() == "abc");
}

TEST_CASE("a name's digest is read from it, and from no name of another form") {
  const std::string digest(64, 'a');
  CHECK(core::content_digest(core::content_ref{"content.sha256." + digest}) == digest);
  for (const std::string& other :
       {"content.sha256." + digest + "a", "content.sha256." + digest.substr(1),
        "content.sha512." + digest, digest, std::string{"content.sha256."}, std::string{"x"},
        "content.sha256." + digest.substr(1) + "A", "content.sha256." + digest.substr(1) + "g",
        "Content.sha256." + digest, "content.sha256. " + digest.substr(1)})
    CHECK_FALSE(core::content_digest(core::content_ref{other}));
  CHECK_FALSE(core::content_digest(core::content_ref{}));
}

TEST_CASE("any bytes are read back under their name, and others are told as corrupt") {
  CHECK(rc::check([](const std::string& bytes, const std::string& others) {
    const auto name = core::content_name(bytes);
    RC_ASSERT(core::content_digest(name).has_value());
    const auto read = core::checked_content(name, bytes);
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == bytes);
    if (others == bytes) return;
    const auto wrong = core::checked_content(name, others);
    RC_ASSERT_FALSE(wrong.ok());
    RC_ASSERT(wrong.error().kind == core::agent_error_kind::recovery_repair_needed);
    RC_ASSERT(wrong.error().message.find(name.text()) != std::string::npos);
  }));
}

TEST_CASE("a content may have as many bytes as the limit says, and not one more") {
  const core::content_limits limits{.item_bytes_max = 3};
  const std::vector<core::content> fine{core::content{"abc"}, core::content{""}};
  CHECK_FALSE(core::content_fault(fine, limits));
  const std::vector<core::content> wrong{core::content{"abc"}, core::content{"abcd"}};
  const auto fault = core::content_fault(wrong, limits);
  CHECK(says(fault, {"at most 3 bytes (item_bytes_max), not 4"}));
  CHECK(fault->retry == core::retry_classification::repair_needed);
}

TEST_CASE("a store takes contents up to its total, and what adds nothing always") {
  const core::content_limits limits{.total_bytes_max = 10};
  CHECK_FALSE(core::content_total_fault(0, 10, limits));
  CHECK_FALSE(core::content_total_fault(7, 3, limits));
  CHECK_FALSE(core::content_total_fault(10, 0, limits));
  CHECK_FALSE(core::content_total_fault(11, 0, limits));  // the limit was larger once
  const auto fault = core::content_total_fault(7, 4, limits);
  CHECK(says(fault, {"has 7 bytes", "of 4 more", "may be 3", "total_bytes_max 10"}));
  CHECK(fault->kind == core::agent_error_kind::timeout);
  CHECK(core::content_total_fault(11, 1, limits));
  CHECK(core::content_total_fault(7, UINT64_MAX, limits));
}
