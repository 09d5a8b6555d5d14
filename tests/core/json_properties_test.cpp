#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "support/generators.hpp"

namespace core = agentpool::core;

namespace {

/// Writing and reading gives the value again, and writing that the same bytes.
template <class T>
bool reads_back(const char* what) {
  return rc::check(what, [] {
    const T value = *generators::any<T>();
    const std::string text = core::to_json(value);
    const auto read = core::from_json<T>(text);
    if (!read) RC_FAIL(read.error().message);
    RC_ASSERT(*read == value);
    RC_ASSERT(core::to_json(*read) == text);
  });
}

/// A request that leaves nothing out reads as a log does.
template <class T>
bool reads_back_as_request(const char* what) {
  return rc::check(what, [] {
    const T value = *generators::any<T>();
    const auto read = core::from_json<T>(core::to_json(value), core::reading::request);
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == value);
  });
}

}  // namespace

TEST_CASE("a message that was written reads back equal") {
  CHECK(reads_back<core::run_message>("run_message"));
}

TEST_CASE("a wake condition that was written reads back equal") {
  CHECK(reads_back<core::wake_condition>("wake_condition"));
}

TEST_CASE("a filter that was written reads back equal") {
  CHECK(reads_back<core::event_filter>("event_filter"));
}

TEST_CASE("an event frame that was written reads back equal") {
  CHECK(reads_back<core::event_frame>("event_frame"));
}

TEST_CASE("a store record that was written reads back equal") {
  CHECK(reads_back<core::store_record>("store_record"));
}

TEST_CASE("a journal record that was written reads back equal") {
  CHECK(reads_back<core::journal_record>("journal_record"));
}

TEST_CASE("what stands beside the log reads back equal") {
  CHECK(reads_back<core::trigger>("trigger"));
  CHECK(reads_back<core::host_event>("host_event"));
}

TEST_CASE("what runs are handed reads back equal") {
  CHECK(reads_back<core::wake_notice>("wake_notice"));
  CHECK(reads_back<core::inbox_entry>("inbox_entry"));
}

TEST_CASE("a request that leaves nothing out reads as a log does") {
  CHECK(reads_back_as_request<core::event_filter>("event_filter"));
  CHECK(reads_back_as_request<core::wake_condition>("wake_condition"));
  CHECK(reads_back_as_request<core::pool_config>("pool_config"));
  CHECK(reads_back_as_request<core::agent_event>("agent_event"));
}
