#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/deep_to_string.hpp>
#include <caf/message.hpp>
#include <vector>

#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"
#include "agentpool/messages/type_ids.hpp"
#include "catch.hpp"

using namespace agentpool;

namespace {

template <class T>
std::vector<char> saved(T value) {
  std::vector<char> bytes;
  caf::binary_serializer sink{nullptr, bytes};
  REQUIRE_FALSE(sink(value));
  return bytes;
}

template <class T>
caf::error load(const std::vector<char>& bytes, T& into) {
  caf::binary_deserializer source{nullptr, bytes};
  return source(into);
}

core::run_message message() {
  core::run_message sent;
  sent.message_id = core::message_id{"message.secret"};
  sent.from = core::run_id{"run.a"};
  sent.to = core::address_of(core::to_topic{core::topic_id{"topic.x"}});
  sent.content_ref = core::content_ref{"content.1"};
  sent.reply_to = core::message_id{"message.0"};
  sent.response_contract = core::response_contract{2, 5000};
  sent.idempotency_key = core::idempotency_key{"key.1"};
  sent.policy_refs = {core::policy_ref{core::policy_kind{}, core::policy_id{"policy.1"}, "v1"}};
  return sent;
}

core::wake_condition condition() {
  core::wake_condition waits;
  waits.condition_id = core::wake_condition_id{"condition.1"};
  waits.run_id = core::run_id{"run.a"};
  waits.filter.kinds.include =
      std::vector{core::event_kind::run_message_delivered, core::event_kind::run_failed};
  waits.filter.run_ids.include.emplace();
  waits.timeout_millis = 17;
  waits.idempotency_key = core::idempotency_key{"key.2"};
  waits.after_cursor =
      core::event_cursor{core::run_scope{core::run_id{"run.b"}}, 9, core::event_id{"event.9"}, {}};
  return waits;
}

}  // namespace

TEST_CASE("a record arrives as it was sent") {
  core::send_message send;
  REQUIRE_FALSE(load(saved(core::send_message{message()}), send));
  CHECK(send.message == message());
  core::suspend_until suspend;
  REQUIRE_FALSE(load(saved(core::suspend_until{core::run_id{"run.a"}, condition()}), suspend));
  CHECK(suspend.condition == condition());
  core::journal_record record;
  record.run_id = core::run_id{"run.a"};
  record.agent_id = core::agent_id{"agent.a"};
  record.subject_ref = core::entity(core::entity_kind::run, "run.a");
  record.source.id = core::source_id{"source.a"};
  record.event_index.run_id = record.run_id;
  record.event_index.agent_id = record.agent_id;
  record.event_index.source = record.source;
  record.event_index.subject_ref = record.subject_ref;
  record.payload = core::foreign_payload{R"({"type":"other"})"};
  messages::journal_page page;
  REQUIRE_FALSE(load(saved(messages::journal_page{{record, record}}), page));
  CHECK(page.records == std::vector{record, record});
}

TEST_CASE("a content arrives byte by byte, or that there is none, or why") {
  for (const auto& bytes :
       {std::string{}, std::string{"\0\xff\x80", 3}, std::string(70'000, 'x')}) {
    messages::keep_content keep;
    REQUIRE_FALSE(load(saved(messages::keep_content{7, bytes}), keep));
    CHECK(keep.number == 7);
    CHECK(keep.bytes == bytes);
    messages::content_fetched fetched;
    REQUIRE_FALSE(load(saved(messages::content_fetched{8, std::optional{bytes}}), fetched));
    CHECK(fetched.number == 8);
    CHECK(std::get<std::optional<std::string>>(fetched.what) == bytes);
  }
  messages::content_fetched none;
  REQUIRE_FALSE(load(saved(messages::content_fetched{9, std::optional<std::string>{}}), none));
  CHECK_FALSE(std::get<std::optional<std::string>>(none.what));
  messages::content_named refused;
  REQUIRE_FALSE(load(saved(messages::content_named{1, core::overloaded("full")}), refused));
  CHECK(std::get<core::agent_error>(refused.what) == core::overloaded("full"));
  messages::content_named named;
  const core::content_ref name{"content.sha256.1"};
  REQUIRE_FALSE(load(saved(messages::content_named{2, name}), named));
  CHECK(std::get<core::content_ref>(named.what) == name);
}

TEST_CASE("a message that was cut anywhere is an error") {
  const auto bytes = saved(core::suspend_until{core::run_id{"run.a"}, condition()});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    core::suspend_until into;
    CHECK(load({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}, into));
  }
}

TEST_CASE("identifiers and enumerations are checked where they arrive") {
  const auto bytes = saved(core::leave_run{core::run_id{"run.a"}});
  auto control = bytes;
  control.back() = '\n';
  core::leave_run leave;
  CHECK_FALSE(load(bytes, leave));
  CHECK(load(control, leave));
  CHECK(load(saved(std::string{}), leave));
  const core::message_receipt receipt{
      core::message_id{"message.1"}, static_cast<core::message_status>(200), {}, {}};
  core::message_receipt into;
  CHECK(load(saved(receipt), into));
}

TEST_CASE("printing a message shows nothing of what is in it") {
  CHECK(caf::deep_to_string(core::send_message{message()}).find("secret") == std::string::npos);
}

TEST_CASE("an error carries its kind, its retry class and what it is about") {
  const auto sent = core::invalid_transition("the run is not a member",
                                             {core::entity(core::entity_kind::run, "run.a")});
  CHECK(messages::agent_error_of(messages::make_error(sent)) == sent);
  const auto foreign = messages::agent_error_of(caf::sec::request_receiver_down);
  CHECK(foreign.retry == core::retry_classification::retryable);
}

TEST_CASE("an error is rendered by its category") {
  caf::actor_system_config config;
  messages::add_to(config);
  caf::actor_system system{config};
  const auto text = system.render(messages::make_error(core::overloaded("too much")));
  CHECK(text.find("too much") != std::string::npos);
}
